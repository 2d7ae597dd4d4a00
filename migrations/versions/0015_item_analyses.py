"""How the items of a bank did, as last counted."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('item_analyses',
    sa.Column('bank_id', KEY, autoincrement=False, nullable=False),
    sa.Column('computed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('papers', sa.Integer(), nullable=False),
    sa.Column('items', DOCUMENT, nullable=False),
    sa.ForeignKeyConstraint(['bank_id'], ['banks.id'], name=op.f('fk_item_analyses_bank_id')),
    sa.PrimaryKeyConstraint('bank_id', name=op.f('pk_item_analyses'))
    )


def downgrade() -> None:
    op.drop_table('item_analyses')
