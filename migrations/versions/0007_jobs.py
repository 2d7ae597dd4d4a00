"""Imports in the background: their states, why one failed; the job queue's tables on PostgreSQL."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
OLD, NEW = ('planned', 'applied'), ('planning', 'planned', 'applying', 'applied', 'unreadable')

# As huey 3.5 makes them itself; `create_tables` is off, so that no web process changes the database.
QUEUE = (
    'CREATE TABLE huey_kv (queue text NOT NULL, key text NOT NULL, value bytea NOT NULL, PRIMARY KEY (queue, key))',
    'CREATE TABLE huey_schedule (id bigserial PRIMARY KEY, queue text NOT NULL, data bytea NOT NULL, timestamp double precision NOT NULL)',
    'CREATE INDEX huey_schedule_queue_timestamp ON huey_schedule (queue, timestamp)',
    'CREATE TABLE huey_task (id bigserial PRIMARY KEY, queue text NOT NULL, data bytea NOT NULL, priority double precision NOT NULL DEFAULT 0.0)',
    'CREATE INDEX huey_task_queue_priority_id ON huey_task (queue, priority DESC, id)',
    'CREATE TABLE huey_counter (queue text NOT NULL, key text NOT NULL, value bigint NOT NULL DEFAULT 0, PRIMARY KEY (queue, key))',
)


def upgrade() -> None:
    states(NEW, lambda batch: batch.add_column(sa.Column('failure', DOCUMENT, nullable=True)))
    if op.get_bind().dialect.name == 'postgresql':
        for statement in QUEUE:
            op.execute(statement)


def states(allowed, alter) -> None:
    """Let import_runs have these states; SQLite makes a table anew for that, which none may refer to."""
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    if on_sqlite:
        op.execute('CREATE TABLE kept_rows AS SELECT * FROM import_rows')
        op.drop_table('import_rows')
    with op.batch_alter_table('import_runs') as batch:
        alter(batch)
        batch.drop_constraint(op.f('ck_import_runs_state'), type_='check')
        names = ', '.join(f"'{name}'" for name in allowed)
        batch.create_check_constraint(op.f('ck_import_runs_state'), f'state IN ({names})')
    if on_sqlite:
        op.create_table('import_rows',
        sa.Column('run_id', KEY, nullable=False),
        sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('fate', sa.Enum('new', 'changed', 'moved', 'left', 'same', 'duplicate', 'refused', name='fate', native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column('document', DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(['run_id'], ['import_runs.id'], name=op.f('fk_import_rows_run_id')),
        sa.PrimaryKeyConstraint('run_id', 'position', name=op.f('pk_import_rows'))
        )
        op.create_index('ix_import_rows_run_id_fate_position', 'import_rows', ['run_id', 'fate', 'position'], unique=False)
        op.execute('INSERT INTO import_rows SELECT * FROM kept_rows')
        op.drop_table('kept_rows')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table in ('huey_counter', 'huey_task', 'huey_schedule', 'huey_kv'):
            op.drop_table(table)
    op.execute("DELETE FROM import_rows WHERE run_id IN (SELECT id FROM import_runs WHERE state NOT IN ('planned', 'applied'))")
    op.execute("DELETE FROM import_runs WHERE state NOT IN ('planned', 'applied')")
    states(OLD, lambda batch: batch.drop_column('failure'))
