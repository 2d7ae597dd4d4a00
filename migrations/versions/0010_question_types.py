"""Questions to fill in and cases; papers by difficulty, with part marks."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
OLD = ('single', 'multiple', 'true_false')
NEW = (*OLD, 'fill_in', 'case')
DIFFICULTY = sa.Enum('easy', 'medium', 'hard', name='difficulty', native_enum=False, create_constraint=True, length=24)
SCORING = sa.Enum('all_or_nothing', 'partial', name='scoring', native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    revisions(NEW, lambda batch: batch.add_column(sa.Column('parts', DOCUMENT, nullable=False, server_default='[]')))
    with op.batch_alter_table('blueprint_sections') as batch:
        batch.add_column(sa.Column('difficulty', DIFFICULTY, nullable=True))
        batch.add_column(sa.Column('scoring', SCORING, nullable=False, server_default='all_or_nothing'))
        types(batch, 'blueprint_sections', NEW)


def types(batch, table, allowed) -> None:
    batch.drop_constraint(op.f(f'ck_{table}_type'), type_='check')
    names = ', '.join(f"'{name}'" for name in allowed)
    batch.create_check_constraint(op.f(f'ck_{table}_type'), f'type IN ({names})')


def revisions(allowed, alter) -> None:
    """Change the append-only table; SQLite makes it anew for that and loses its triggers with it."""
    with op.batch_alter_table('question_revisions') as batch:
        alter(batch)
        types(batch, 'question_revisions', allowed)
    if op.get_bind().dialect.name == 'sqlite':
        for act in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER question_revisions_no_{act.lower()} BEFORE {act} ON question_revisions "
                "BEGIN SELECT RAISE(ABORT, 'question_revisions is append-only'); END"
            )


def downgrade() -> None:
    with op.batch_alter_table('blueprint_sections') as batch:
        types(batch, 'blueprint_sections', OLD)
        for name in ('scoring', 'difficulty'):
            batch.drop_constraint(op.f(f'ck_blueprint_sections_{name}'), type_='check')
            batch.drop_column(name)
    revisions(OLD, lambda batch: batch.drop_column('parts'))
