"""One-time codes by which people set their password."""
from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('activation_codes',
    sa.Column('id', KEY, nullable=False),
    sa.Column('account_id', KEY, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('issued_by', KEY, nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('used_at IS NULL OR ended_at IS NOT NULL', name=op.f('ck_activation_codes_used_is_ended')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_activation_codes_account_id')),
    sa.ForeignKeyConstraint(['issued_by'], ['accounts.id'], name=op.f('fk_activation_codes_issued_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activation_codes'))
    )
    op.create_index(op.f('ix_activation_codes_account_id'), 'activation_codes', ['account_id'], unique=False)
    op.create_index('uq_activation_codes_in_force', 'activation_codes', ['account_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.drop_table('activation_codes')
