"""Corrected keys, the regrades they led to, and what learners report about questions."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table('key_corrections',
    sa.Column('id', KEY, nullable=False),
    sa.Column('revision_id', KEY, nullable=False),
    sa.Column('key_revision_id', KEY, nullable=False),
    sa.Column('corrected_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['key_revision_id'], ['question_revisions.id'], name=op.f('fk_key_corrections_key_revision_id')),
    sa.ForeignKeyConstraint(['revision_id'], ['question_revisions.id'], name=op.f('fk_key_corrections_revision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_corrections'))
    )
    op.create_index(op.f('ix_key_corrections_revision_id'), 'key_corrections', ['revision_id'], unique=False)
    op.create_index(op.f('ix_key_corrections_key_revision_id'), 'key_corrections', ['key_revision_id'], unique=False)
    op.create_table('regrades',
    sa.Column('id', KEY, nullable=False),
    sa.Column('question_id', KEY, nullable=False),
    sa.Column('key_revision_id', KEY, nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('regraded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('regraded_by', KEY, nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('passes_gained', sa.Integer(), nullable=False),
    sa.Column('passes_kept', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['key_revision_id'], ['question_revisions.id'], name=op.f('fk_regrades_key_revision_id')),
    sa.ForeignKeyConstraint(['question_id'], ['questions.id'], name=op.f('fk_regrades_question_id')),
    sa.ForeignKeyConstraint(['regraded_by'], ['accounts.id'], name=op.f('fk_regrades_regraded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regrades'))
    )
    op.create_index(op.f('ix_regrades_question_id'), 'regrades', ['question_id'], unique=False)
    op.create_table('regraded_attempts',
    sa.Column('regrade_id', KEY, nullable=False),
    sa.Column('attempt_id', KEY, nullable=False),
    sa.Column('marks_before', DOCUMENT, nullable=False),
    sa.Column('marks_after', DOCUMENT, nullable=False),
    sa.Column('points_before', sa.Integer(), nullable=False),
    sa.Column('points_after', sa.Integer(), nullable=False),
    sa.Column('passed_before', sa.Boolean(), nullable=False),
    sa.Column('passed_after', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_regraded_attempts_attempt_id')),
    sa.ForeignKeyConstraint(['regrade_id'], ['regrades.id'], name=op.f('fk_regraded_attempts_regrade_id')),
    sa.PrimaryKeyConstraint('regrade_id', 'attempt_id', name=op.f('pk_regraded_attempts'))
    )
    op.create_index(op.f('ix_regraded_attempts_attempt_id'), 'regraded_attempts', ['attempt_id'], unique=False)
    op.create_table('question_reports',
    sa.Column('id', KEY, nullable=False),
    sa.Column('question_id', KEY, nullable=False),
    sa.Column('revision_id', KEY, nullable=False),
    sa.Column('account_id', KEY, nullable=False),
    sa.Column('kind', sa.Enum('wrong_key', 'outdated', 'unclear', 'typo', 'other', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('open', 'answered', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', KEY, nullable=True),
    sa.CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name=op.f('ck_question_reports_answered_at_when_answered')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_question_reports_account_id')),
    sa.ForeignKeyConstraint(['answered_by'], ['accounts.id'], name=op.f('fk_question_reports_answered_by')),
    sa.ForeignKeyConstraint(['question_id'], ['questions.id'], name=op.f('fk_question_reports_question_id')),
    sa.ForeignKeyConstraint(['revision_id'], ['question_revisions.id'], name=op.f('fk_question_reports_revision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_reports'))
    )
    op.create_index(op.f('ix_question_reports_question_id'), 'question_reports', ['question_id'], unique=False)
    op.create_index('ix_question_reports_state_id', 'question_reports', ['state', 'id'], unique=False)
    op.create_index('uq_question_reports_open', 'question_reports', ['account_id', 'question_id'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    for table in ('question_reports', 'regraded_attempts', 'regrades', 'key_corrections'):
        op.drop_table(table)
