"""Failures of signing in, counted by number and by address."""
from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('failed_tries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_tries'))
    )
    op.create_index('ix_failed_tries_key_at', 'failed_tries', ['key', 'at'], unique=False)


def downgrade() -> None:
    op.drop_table('failed_tries')
