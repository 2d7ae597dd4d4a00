"""The first tables, the triggers that keep them honest, and the beginning of the audit chain."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


#: Tables in which nothing may ever be changed or deleted.
APPEND_ONLY = ("audit_entries", "question_revisions")


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('phone', sa.String(length=11), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('password_hash', sa.String(length=120), nullable=True),
    sa.Column('session_version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('length(phone) = 11', name=op.f('ck_accounts_phone_has_11_digits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('phone', name=op.f('uq_accounts_phone'))
    )
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_audit_head_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('banks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_banks')),
    sa.UniqueConstraint('slug', name=op.f('uq_banks_slug'))
    )
    op.create_table('campaigns',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('heading', sa.String(length=120), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_demonstration', sa.Boolean(), nullable=False),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_campaigns_closes_after_opening')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns')),
    sa.UniqueConstraint('slug', name=op.f('uq_campaigns_slug'))
    )
    op.create_table('member_units',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member_units')),
    sa.UniqueConstraint('name', name=op.f('uq_member_units_name'))
    )
    op.create_table('modules',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('summary', sa.String(length=240), nullable=False),
    sa.Column('kind', sa.Enum('article', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('sources', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('min_seconds', sa.Integer(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('min_seconds >= 1', name=op.f('ck_modules_min_seconds_at_least_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_modules')),
    sa.UniqueConstraint('slug', name=op.f('uq_modules_slug'))
    )
    op.create_table('regions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('path', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.Enum('district', 'town', 'zone', 'street', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regions')),
    sa.UniqueConstraint('path', name=op.f('uq_regions_path'))
    )
    op.create_table('audit_entries',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('detail', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['accounts.id'], name=op.f('fk_audit_entries_actor_id')),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_entries'))
    )
    op.create_index(op.f('ix_audit_entries_actor_id'), 'audit_entries', ['actor_id'], unique=False)
    op.create_index(op.f('ix_audit_entries_at'), 'audit_entries', ['at'], unique=False)
    op.create_table('enterprises',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uscc', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('scale', sa.Enum('above', 'below', name='scale', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('revenue_wan', sa.Numeric(precision=14, scale=2), nullable=True),
    sa.Column('self_employed', sa.Boolean(), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("NOT self_employed OR scale = 'below'", name=op.f('ck_enterprises_self_employed_is_below')),
    sa.CheckConstraint('length(uscc) = 18', name=op.f('ck_enterprises_uscc_has_18_characters')),
    sa.ForeignKeyConstraint(['member_unit_id'], ['member_units.id'], name=op.f('fk_enterprises_member_unit_id')),
    sa.ForeignKeyConstraint(['region_id'], ['regions.id'], name=op.f('fk_enterprises_region_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprises')),
    sa.UniqueConstraint('uscc', name=op.f('uq_enterprises_uscc'))
    )
    op.create_index(op.f('ix_enterprises_member_unit_id'), 'enterprises', ['member_unit_id'], unique=False)
    op.create_index(op.f('ix_enterprises_name'), 'enterprises', ['name'], unique=False)
    op.create_index(op.f('ix_enterprises_region_id'), 'enterprises', ['region_id'], unique=False)
    op.create_table('grants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('district_administrator', 'auditor', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('region_path', sa.String(length=120), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_grants_account_id')),
    sa.ForeignKeyConstraint(['region_path'], ['regions.path'], name=op.f('fk_grants_region_path')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants'))
    )
    op.create_index(op.f('ix_grants_account_id'), 'grants', ['account_id'], unique=False)
    op.create_index('uq_grants_everywhere', 'grants', ['account_id', 'kind'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL AND region_path IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL AND region_path IS NULL'))
    op.create_index('uq_grants_in_region', 'grants', ['account_id', 'kind', 'region_path'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL AND region_path IS NOT NULL'), postgresql_where=sa.text('withdrawn_at IS NULL AND region_path IS NOT NULL'))
    op.create_table('import_runs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('target', sa.String(length=60), nullable=False),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('plan', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('state', sa.Enum('planned', 'applied', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name=op.f('ck_import_runs_applied_at_when_applied')),
    sa.ForeignKeyConstraint(['created_by'], ['accounts.id'], name=op.f('fk_import_runs_created_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_runs'))
    )
    op.create_table('progress',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('module_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('credited_ms', sa.Integer(), nullable=False),
    sa.Column('first_beat_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_beat_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('end_reached_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('credited_ms >= 0', name=op.f('ck_progress_credit_not_negative')),
    sa.CheckConstraint('done_at IS NULL OR end_reached_at IS NOT NULL', name=op.f('ck_progress_done_after_end')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_progress_account_id')),
    sa.ForeignKeyConstraint(['module_id'], ['modules.id'], name=op.f('fk_progress_module_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_progress')),
    sa.UniqueConstraint('account_id', 'module_id', name=op.f('uq_progress_account_id_module_id'))
    )
    op.create_index(op.f('ix_progress_module_id'), 'progress', ['module_id'], unique=False)
    op.create_table('questions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bank_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('active', 'retired', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['bank_id'], ['banks.id'], name=op.f('fk_questions_bank_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questions')),
    sa.UniqueConstraint('bank_id', 'fingerprint', name=op.f('uq_questions_bank_id_fingerprint'))
    )
    op.create_index('uq_questions_code', 'questions', ['bank_id', 'code'], unique=True, sqlite_where=sa.text("code <> ''"), postgresql_where=sa.text("code <> ''"))
    op.create_table('tracks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('job_role', sa.Enum('key_post', 'safety_manager', 'principal', name='job_role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('pass_mark', sa.Integer(), nullable=False),
    sa.Column('attempt_limit', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('study_first', sa.Boolean(), nullable=False),
    sa.CheckConstraint('attempt_limit >= 1', name=op.f('ck_tracks_attempt_limit_at_least_one')),
    sa.CheckConstraint('minutes >= 1', name=op.f('ck_tracks_minutes_at_least_one')),
    sa.CheckConstraint('pass_mark BETWEEN 1 AND 100', name=op.f('ck_tracks_pass_mark_is_percent')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_tracks_campaign_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tracks')),
    sa.UniqueConstraint('campaign_id', 'job_role', name=op.f('uq_tracks_campaign_id_job_role'))
    )
    op.create_table('attempts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('track_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('attempt_limit', sa.Integer(), nullable=False),
    sa.Column('pass_mark', sa.Integer(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('paper', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Enum('learner', 'deadline', name='closed_by', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('total_points', sa.Integer(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=True),
    sa.Column('marks', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('passed', sa.Boolean(), nullable=True),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (points IS NULL) AND (closed_at IS NULL) = (passed IS NULL)', name=op.f('ck_attempts_result_when_closed')),
    sa.CheckConstraint('deadline_at > started_at', name=op.f('ck_attempts_deadline_after_start')),
    sa.CheckConstraint('number BETWEEN 1 AND attempt_limit', name=op.f('ck_attempts_number_within_limit')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_attempts_account_id')),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_attempts_track_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts')),
    sa.UniqueConstraint('account_id', 'track_id', 'number', name=op.f('uq_attempts_account_id_track_id_number'))
    )
    op.create_index('ix_attempts_open_deadline', 'attempts', ['deadline_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index(op.f('ix_attempts_track_id'), 'attempts', ['track_id'], unique=False)
    op.create_index('uq_attempts_open', 'attempts', ['account_id', 'track_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('blueprints',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('track_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_blueprints_track_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blueprints')),
    sa.UniqueConstraint('track_id', name=op.f('uq_blueprints_track_id'))
    )
    op.create_table('declarations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('job_role', sa.Enum('key_post', 'safety_manager', 'principal', name='job_role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('people >= 0', name=op.f('ck_declarations_people_not_negative')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_declarations_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declarations'))
    )
    op.create_index(op.f('ix_declarations_enterprise_id'), 'declarations', ['enterprise_id'], unique=False)
    op.create_index('uq_declarations_in_force', 'declarations', ['enterprise_id', 'job_role'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
    op.create_table('posts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('job_role', sa.Enum('key_post', 'safety_manager', 'principal', name='job_role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= started_at', name=op.f('ck_posts_ends_after_start')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_posts_account_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_posts_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posts'))
    )
    op.create_index(op.f('ix_posts_account_id'), 'posts', ['account_id'], unique=False)
    op.create_index(op.f('ix_posts_enterprise_id'), 'posts', ['enterprise_id'], unique=False)
    op.create_index('uq_posts_held', 'posts', ['account_id', 'enterprise_id', 'job_role'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('question_revisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('type', sa.Enum('single', 'multiple', 'true_false', name='type', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('stem', sa.Text(), nullable=False),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('key', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.Column('source', sa.String(length=240), nullable=False),
    sa.Column('tags', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('difficulty', sa.Enum('easy', 'medium', 'hard', name='difficulty', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('roles', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('number >= 1', name=op.f('ck_question_revisions_number_at_least_one')),
    sa.ForeignKeyConstraint(['created_by'], ['accounts.id'], name=op.f('fk_question_revisions_created_by')),
    sa.ForeignKeyConstraint(['question_id'], ['questions.id'], name=op.f('fk_question_revisions_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_revisions')),
    sa.UniqueConstraint('question_id', 'number', name=op.f('uq_question_revisions_question_id_number'))
    )
    op.create_table('track_modules',
    sa.Column('track_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('module_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['module_id'], ['modules.id'], name=op.f('fk_track_modules_module_id')),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_track_modules_track_id')),
    sa.PrimaryKeyConstraint('track_id', 'module_id', name=op.f('pk_track_modules')),
    sa.UniqueConstraint('track_id', 'position', name=op.f('uq_track_modules_track_id_position'))
    )
    op.create_index(op.f('ix_track_modules_module_id'), 'track_modules', ['module_id'], unique=False)
    op.create_table('blueprint_sections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('blueprint_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('bank_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('type', sa.Enum('single', 'multiple', 'true_false', name='type', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('tag', sa.String(length=60), nullable=False),
    sa.Column('question_count', sa.Integer(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.CheckConstraint('points >= 1', name=op.f('ck_blueprint_sections_points_at_least_one')),
    sa.CheckConstraint('question_count >= 1', name=op.f('ck_blueprint_sections_draws_at_least_one')),
    sa.ForeignKeyConstraint(['bank_id'], ['banks.id'], name=op.f('fk_blueprint_sections_bank_id')),
    sa.ForeignKeyConstraint(['blueprint_id'], ['blueprints.id'], name=op.f('fk_blueprint_sections_blueprint_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blueprint_sections')),
    sa.UniqueConstraint('blueprint_id', 'position', name=op.f('uq_blueprint_sections_blueprint_id_position'))
    )
    op.create_table('enrolments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('track_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('scale', sa.Enum('above', 'below', name='scale', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('job_role', sa.Enum('key_post', 'safety_manager', 'principal', name='job_role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('studied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('passed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('(completed_at IS NOT NULL) = (studied_at IS NOT NULL AND passed_at IS NOT NULL)', name=op.f('ck_enrolments_completed_when_studied_and_passed')),
    sa.CheckConstraint('(passed_at IS NULL) = (attempt_id IS NULL)', name=op.f('ck_enrolments_passed_by_an_attempt')),
    sa.CheckConstraint('withdrawn_at IS NULL OR withdrawn_at >= enrolled_at', name=op.f('ck_enrolments_withdrawn_after_enrolled')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_enrolments_account_id')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_enrolments_attempt_id')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_enrolments_campaign_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_enrolments_enterprise_id')),
    sa.ForeignKeyConstraint(['member_unit_id'], ['member_units.id'], name=op.f('fk_enrolments_member_unit_id')),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_enrolments_post_id')),
    sa.ForeignKeyConstraint(['region_id'], ['regions.id'], name=op.f('fk_enrolments_region_id')),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_enrolments_track_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolments'))
    )
    op.create_index('ix_enrolments_account_id_track_id', 'enrolments', ['account_id', 'track_id'], unique=False)
    op.create_index('ix_enrolments_campaign_id_region_id', 'enrolments', ['campaign_id', 'region_id'], unique=False)
    op.create_index(op.f('ix_enrolments_enterprise_id'), 'enrolments', ['enterprise_id'], unique=False)
    op.create_index(op.f('ix_enrolments_member_unit_id'), 'enrolments', ['member_unit_id'], unique=False)
    op.create_index(op.f('ix_enrolments_post_id'), 'enrolments', ['post_id'], unique=False)
    op.create_index(op.f('ix_enrolments_region_id'), 'enrolments', ['region_id'], unique=False)
    op.create_index('uq_enrolments_in_force', 'enrolments', ['campaign_id', 'post_id'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
    for table in APPEND_ONLY:
        _protect(table)
    op.bulk_insert(
        sa.table("audit_head", sa.column("id"), sa.column("sequence"), sa.column("hash")),
        [{"id": 1, "sequence": 0, "hash": "0" * 64}],
    )


def _protect(table: str) -> None:
    """Refuse UPDATE and DELETE by triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def downgrade() -> None:
    op.drop_index('uq_enrolments_in_force', table_name='enrolments', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
    op.drop_index(op.f('ix_enrolments_region_id'), table_name='enrolments')
    op.drop_index(op.f('ix_enrolments_post_id'), table_name='enrolments')
    op.drop_index(op.f('ix_enrolments_member_unit_id'), table_name='enrolments')
    op.drop_index(op.f('ix_enrolments_enterprise_id'), table_name='enrolments')
    op.drop_index('ix_enrolments_campaign_id_region_id', table_name='enrolments')
    op.drop_index('ix_enrolments_account_id_track_id', table_name='enrolments')
    op.drop_table('enrolments')
    op.drop_table('blueprint_sections')
    op.drop_index(op.f('ix_track_modules_module_id'), table_name='track_modules')
    op.drop_table('track_modules')
    op.drop_table('question_revisions')
    op.drop_index('uq_posts_held', table_name='posts', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index(op.f('ix_posts_enterprise_id'), table_name='posts')
    op.drop_index(op.f('ix_posts_account_id'), table_name='posts')
    op.drop_table('posts')
    op.drop_index('uq_declarations_in_force', table_name='declarations', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
    op.drop_index(op.f('ix_declarations_enterprise_id'), table_name='declarations')
    op.drop_table('declarations')
    op.drop_table('blueprints')
    op.drop_index('uq_attempts_open', table_name='attempts', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index(op.f('ix_attempts_track_id'), table_name='attempts')
    op.drop_index('ix_attempts_open_deadline', table_name='attempts', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_table('attempts')
    op.drop_table('tracks')
    op.drop_index('uq_questions_code', table_name='questions', sqlite_where=sa.text("code <> ''"), postgresql_where=sa.text("code <> ''"))
    op.drop_table('questions')
    op.drop_index(op.f('ix_progress_module_id'), table_name='progress')
    op.drop_table('progress')
    op.drop_table('import_runs')
    op.drop_index('uq_grants_in_region', table_name='grants', sqlite_where=sa.text('withdrawn_at IS NULL AND region_path IS NOT NULL'), postgresql_where=sa.text('withdrawn_at IS NULL AND region_path IS NOT NULL'))
    op.drop_index('uq_grants_everywhere', table_name='grants', sqlite_where=sa.text('withdrawn_at IS NULL AND region_path IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL AND region_path IS NULL'))
    op.drop_index(op.f('ix_grants_account_id'), table_name='grants')
    op.drop_table('grants')
    op.drop_index(op.f('ix_enterprises_region_id'), table_name='enterprises')
    op.drop_index(op.f('ix_enterprises_name'), table_name='enterprises')
    op.drop_index(op.f('ix_enterprises_member_unit_id'), table_name='enterprises')
    op.drop_table('enterprises')
    op.drop_index(op.f('ix_audit_entries_at'), table_name='audit_entries')
    op.drop_index(op.f('ix_audit_entries_actor_id'), table_name='audit_entries')
    op.drop_table('audit_entries')
    op.drop_table('regions')
    op.drop_table('modules')
    op.drop_table('member_units')
    op.drop_table('campaigns')
    op.drop_table('banks')
    op.drop_table('audit_head')
    op.drop_table('accounts')
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_append_only() CASCADE")
