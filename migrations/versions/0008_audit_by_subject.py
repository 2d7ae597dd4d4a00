"""The audit log is asked by what was acted on."""
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_audit_entries_subject'), 'audit_entries', ['subject'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_audit_entries_subject'), table_name='audit_entries')
