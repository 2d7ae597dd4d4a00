"""Links by which people of an enterprise come in, and their applications."""
from alembic import op
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('join_links',
    sa.Column('id', KEY, nullable=False),
    sa.Column('enterprise_id', KEY, nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_join_links_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_join_links')),
    sa.UniqueConstraint('token', name=op.f('uq_join_links_token'))
    )
    op.create_index(op.f('ix_join_links_enterprise_id'), 'join_links', ['enterprise_id'], unique=False)
    op.create_index('uq_join_links_in_force', 'join_links', ['enterprise_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('applications',
    sa.Column('id', KEY, nullable=False),
    sa.Column('enterprise_id', KEY, nullable=False),
    sa.Column('number', sa.String(length=4), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('phone', sa.String(length=11), nullable=False),
    sa.Column('job_role', sa.Enum('key_post', 'safety_manager', 'principal', name='job_role', native_enum=False, length=24), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('password_hash', sa.String(length=120), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'accepted', 'refused', name='state', native_enum=False, length=24), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', KEY, nullable=True),
    sa.CheckConstraint("job_role IN ('key_post', 'safety_manager', 'principal')", name=op.f('ck_applications_job_role')),
    sa.CheckConstraint("state IN ('waiting', 'accepted', 'refused')", name=op.f('ck_applications_state')),
    sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f('ck_applications_decided_when_not_waiting')),
    sa.CheckConstraint("state = 'waiting' OR password_hash IS NULL", name=op.f('ck_applications_no_password_once_decided')),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_applications_decided_by')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_applications_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_applications'))
    )
    op.create_index('ix_applications_enterprise_id_state', 'applications', ['enterprise_id', 'state', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('applications')
    op.drop_table('join_links')
