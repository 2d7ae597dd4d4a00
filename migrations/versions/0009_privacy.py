"""People are anonymised after the keeping period; the audit log is asked by act."""
from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('accounts', sa.Column('anonymised_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_audit_entries_action'), 'audit_entries', ['action'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_audit_entries_action'), table_name='audit_entries')
    op.drop_column('accounts', 'anonymised_at')
