"""Who is there and who may do what: places of grants, trades, states and placements of enterprises."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from pypinyin import Style, lazy_pinyin

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
KINDS = ('district_administrator', 'town_staff', 'member_unit_staff', 'enterprise_contact', 'content_editor', 'auditor')
OLD_KINDS = ('district_administrator', 'auditor')
PLACES = ('region_path', 'member_unit_id', 'enterprise_id')
PLACE_FITS_KIND = (
    "(kind = 'enterprise_contact') = (enterprise_id IS NOT NULL)"
    " AND (kind = 'member_unit_staff') = (member_unit_id IS NOT NULL)"
    " AND (kind <> 'town_staff' OR region_path IS NOT NULL)"
    " AND (region_path IS NULL OR (enterprise_id IS NULL AND member_unit_id IS NULL))"
)


def one_of(column, values):
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def index_once(name, *places):
    empty = [place for place in PLACES if place not in places]
    where = ' AND '.join(['withdrawn_at IS NULL', *(f'{p} IS NOT NULL' for p in places), *(f'{p} IS NULL' for p in empty)])
    op.create_index(f'uq_grants_{name}', 'grants', ['account_id', 'kind', *places], unique=True,
                    sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def write_initials():
    enterprises = sa.table('enterprises', sa.column('id'), sa.column('name'), sa.column('initials'))
    connection = op.get_bind()
    rows = connection.execute(sa.select(enterprises.c.id, enterprises.c.name)).all()
    if rows:
        letters = [{'key': row.id, 'letters': ''.join(lazy_pinyin(row.name, style=Style.FIRST_LETTER)).lower()[:120]} for row in rows]
        connection.execute(sa.update(enterprises).where(enterprises.c.id == sa.bindparam('key')).values(initials=sa.bindparam('letters')), letters)


def upgrade() -> None:
    op.create_table('placements',
    sa.Column('id', KEY, nullable=False),
    sa.Column('enterprise_id', KEY, nullable=False),
    sa.Column('region_id', KEY, nullable=False),
    sa.Column('member_unit_id', KEY, nullable=True),
    sa.Column('scale', sa.Enum('above', 'below', name='scale', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('until IS NULL OR until >= since', name=op.f('ck_placements_ends_after_beginning')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_placements_enterprise_id')),
    sa.ForeignKeyConstraint(['member_unit_id'], ['member_units.id'], name=op.f('fk_placements_member_unit_id')),
    sa.ForeignKeyConstraint(['region_id'], ['regions.id'], name=op.f('fk_placements_region_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placements'))
    )
    for column in ('enterprise_id', 'member_unit_id', 'region_id'):
        op.create_index(op.f(f'ix_placements_{column}'), 'placements', [column], unique=False)
    op.create_index('uq_placements_in_force', 'placements', ['enterprise_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
    op.execute('INSERT INTO placements (enterprise_id, region_id, member_unit_id, scale, since, until)'
               ' SELECT id, region_id, member_unit_id, scale, registered_at, closed_at FROM enterprises')

    # Added one by one, as SQLite cannot make this table anew while others point to it.
    op.execute("ALTER TABLE enterprises ADD COLUMN initials VARCHAR(120) NOT NULL DEFAULT ''")
    op.execute('ALTER TABLE enterprises ADD COLUMN scale_reason VARCHAR(200)')
    op.execute('ALTER TABLE enterprises ADD COLUMN trade VARCHAR(3)')
    # Until now nothing could be closed, so every row fits the second check.
    op.execute("ALTER TABLE enterprises ADD COLUMN state VARCHAR(24) NOT NULL DEFAULT 'operating'"
               " CONSTRAINT ck_enterprises_state CHECK (state IN ('operating', 'suspended', 'closed'))"
               " CONSTRAINT ck_enterprises_closed_at_when_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL))")
    op.execute('ALTER TABLE enterprises ADD COLUMN state_reason VARCHAR(200)')
    write_initials()
    op.create_index(op.f('ix_enterprises_initials'), 'enterprises', ['initials'], unique=False)
    op.create_index(op.f('ix_enterprises_trade'), 'enterprises', ['trade'], unique=False)

    op.execute("DELETE FROM import_runs WHERE state = 'planned'")
    op.create_table('import_rows',
    sa.Column('run_id', KEY, nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('fate', sa.Enum('new', 'changed', 'moved', 'left', 'same', 'duplicate', 'refused', name='fate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('document', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['import_runs.id'], name=op.f('fk_import_rows_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'position', name=op.f('pk_import_rows'))
    )
    op.create_index('ix_import_rows_run_id_fate_position', 'import_rows', ['run_id', 'fate', 'position'], unique=False)

    for name in ('everywhere', 'in_region'):
        op.drop_index(f'uq_grants_{name}', 'grants')
    with op.batch_alter_table('grants') as batch:
        batch.add_column(sa.Column('member_unit_id', KEY, nullable=True))
        batch.add_column(sa.Column('enterprise_id', KEY, nullable=True))
        batch.create_foreign_key(op.f('fk_grants_member_unit_id'), 'member_units', ['member_unit_id'], ['id'])
        batch.create_foreign_key(op.f('fk_grants_enterprise_id'), 'enterprises', ['enterprise_id'], ['id'])
        batch.drop_constraint(op.f('ck_grants_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_grants_kind'), one_of('kind', KINDS))
        batch.create_check_constraint(op.f('ck_grants_place_fits_kind'), PLACE_FITS_KIND)
    op.create_index(op.f('ix_grants_enterprise_id'), 'grants', ['enterprise_id'], unique=False)
    index_once('everywhere')
    index_once('in_region', 'region_path')
    index_once('in_member_unit', 'member_unit_id')
    index_once('in_enterprise', 'enterprise_id')


def downgrade() -> None:
    for name in ('everywhere', 'in_region', 'in_member_unit', 'in_enterprise'):
        op.drop_index(f'uq_grants_{name}', 'grants')
    op.drop_index(op.f('ix_grants_enterprise_id'), 'grants')
    op.execute(f"DELETE FROM grants WHERE NOT {one_of('kind', OLD_KINDS)}")
    with op.batch_alter_table('grants') as batch:
        batch.drop_constraint(op.f('ck_grants_place_fits_kind'), type_='check')
        batch.drop_constraint(op.f('ck_grants_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_grants_kind'), one_of('kind', OLD_KINDS))
        batch.drop_constraint(op.f('fk_grants_member_unit_id'), type_='foreignkey')
        batch.drop_constraint(op.f('fk_grants_enterprise_id'), type_='foreignkey')
        batch.drop_column('member_unit_id')
        batch.drop_column('enterprise_id')
    in_region = sa.text('withdrawn_at IS NULL AND region_path IS NOT NULL')
    everywhere = sa.text('withdrawn_at IS NULL AND region_path IS NULL')
    op.create_index('uq_grants_everywhere', 'grants', ['account_id', 'kind'], unique=True, sqlite_where=everywhere, postgresql_where=everywhere)
    op.create_index('uq_grants_in_region', 'grants', ['account_id', 'kind', 'region_path'], unique=True, sqlite_where=in_region, postgresql_where=in_region)

    op.drop_index(op.f('ix_enterprises_trade'), 'enterprises')
    op.drop_index(op.f('ix_enterprises_initials'), 'enterprises')
    for column in ('state_reason', 'state', 'trade', 'scale_reason', 'initials'):
        op.execute(f'ALTER TABLE enterprises DROP COLUMN {column}')
    op.drop_table('placements')
    op.drop_table('import_rows')
