"""What a clerk chooses about an import: rows left out, the good rows only."""
from alembic import op
import sqlalchemy as sa

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('import_runs', sa.Column('good_only', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('import_rows', sa.Column('flag', sa.String(length=12), nullable=False, server_default=''))
    op.add_column('import_rows', sa.Column('skipped', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column('import_rows', 'skipped')
    op.drop_column('import_rows', 'flag')
    op.drop_column('import_runs', 'good_only')
