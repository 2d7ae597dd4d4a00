"""Study content written on pages: versions, what must be looked at again, links, documents and videos."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
MOMENT = sa.DateTime(timezone=True)
DIGEST = sa.String(length=64)
#: What refers to modules: SQLite makes that table anew, and may only while nothing refers to it.
CHILDREN = ('track_modules', 'progress')


def upgrade() -> None:
    put_aside()
    with op.batch_alter_table('modules') as batch:
        batch.drop_constraint(op.f('ck_modules_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_modules_kind'), "kind IN ('article', 'link', 'document', 'video')")
        batch.alter_column('published_at', existing_type=MOMENT, nullable=True)
        batch.add_column(sa.Column('address', sa.String(length=500), nullable=False, server_default=''))
        batch.add_column(sa.Column('file_digest', DIGEST, nullable=True))
        batch.add_column(sa.Column('subtitles_digest', DIGEST, nullable=True))
        batch.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch.add_column(sa.Column('edition', sa.Integer(), nullable=False, server_default='1'))
        for name in ('file_digest', 'subtitles_digest'):
            batch.create_foreign_key(op.f(f'fk_modules_{name}'), 'stored_files', [name], ['digest'])
    with op.batch_alter_table('progress') as batch:
        batch.add_column(sa.Column('edition', sa.Integer(), nullable=False, server_default='1'))
        batch.drop_constraint(op.f('uq_progress_account_id_module_id'), type_='unique')
        batch.create_unique_constraint(op.f('uq_progress_account_id_module_id_edition'), ['account_id', 'module_id', 'edition'])
    op.add_column('track_modules', sa.Column('required_since', MOMENT, nullable=True))
    take_back({'progress': ', 1', 'track_modules': ', NULL'})
    op.create_table('document_pages',
    sa.Column('document_digest', DIGEST, nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('picture_digest', DIGEST, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['document_digest'], ['stored_files.digest'], name=op.f('fk_document_pages_document_digest')),
    sa.ForeignKeyConstraint(['picture_digest'], ['stored_files.digest'], name=op.f('fk_document_pages_picture_digest')),
    sa.PrimaryKeyConstraint('document_digest', 'number', name=op.f('pk_document_pages'))
    )
    op.create_table('module_versions',
    sa.Column('id', KEY, nullable=False),
    sa.Column('module_id', KEY, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('summary', sa.String(length=240), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('address', sa.String(length=500), nullable=False),
    sa.Column('file_digest', DIGEST, nullable=True),
    sa.Column('subtitles_digest', DIGEST, nullable=True),
    sa.Column('sources', DOCUMENT, nullable=False),
    sa.Column('min_seconds', sa.Integer(), nullable=False),
    sa.Column('published_at', MOMENT, nullable=True),
    sa.Column('tracks_before', sa.Text(), nullable=False),
    sa.Column('tracks_after', sa.Text(), nullable=False),
    sa.Column('changed_at', MOMENT, nullable=False),
    sa.Column('changed_by', KEY, nullable=True),
    sa.Column('look_again', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint("NOT look_again OR reason <> ''", name=op.f('ck_module_versions_reason_to_look_again')),
    sa.ForeignKeyConstraint(['changed_by'], ['accounts.id'], name=op.f('fk_module_versions_changed_by')),
    sa.ForeignKeyConstraint(['file_digest'], ['stored_files.digest'], name=op.f('fk_module_versions_file_digest')),
    sa.ForeignKeyConstraint(['module_id'], ['modules.id'], name=op.f('fk_module_versions_module_id')),
    sa.ForeignKeyConstraint(['subtitles_digest'], ['stored_files.digest'], name=op.f('fk_module_versions_subtitles_digest')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_module_versions')),
    sa.UniqueConstraint('module_id', 'number', name=op.f('uq_module_versions_module_id_number'))
    )
    columns = 'title, summary, body, address, file_digest, subtitles_digest, sources, min_seconds, published_at'
    op.execute(
        f"INSERT INTO module_versions (module_id, number, {columns}, tracks_before, tracks_after, changed_at, look_again, reason) "
        f"SELECT id, 1, {columns}, '', '', published_at, false, '' FROM modules ORDER BY id"
    )
    protect('module_versions')


def put_aside() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table in CHILDREN:
            op.execute(f'CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table}')
            op.execute(f'DELETE FROM {table}')


def take_back(more) -> None:
    """Put the rows back; `more` gives the values of the columns that came last."""
    if op.get_bind().dialect.name == 'sqlite':
        for table in CHILDREN:
            op.execute(f'INSERT INTO {table} SELECT *{more.get(table, "")} FROM kept_{table}')
            op.execute(f'DROP TABLE kept_{table}')


def protect(table) -> None:
    """Refuse UPDATE and DELETE by triggers."""
    if op.get_bind().dialect.name == 'sqlite':
        for act in ('UPDATE', 'DELETE'):
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
    """Before editions there was one row of progress to a module: the last one stays."""
    op.drop_table('module_versions')
    op.drop_table('document_pages')
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION module_versions_append_only()')
    op.execute(
        'DELETE FROM progress WHERE EXISTS (SELECT 1 FROM progress later WHERE later.account_id = progress.account_id '
        'AND later.module_id = progress.module_id AND later.edition > progress.edition)'
    )
    foreign = "(SELECT id FROM modules WHERE kind <> 'article')"
    for table in CHILDREN:
        op.execute(f'DELETE FROM {table} WHERE module_id IN {foreign}')
    op.execute("DELETE FROM modules WHERE kind <> 'article'")
    op.execute("UPDATE modules SET published_at = '9999-12-31 00:00:00' WHERE published_at IS NULL")
    with op.batch_alter_table('progress') as batch:
        batch.drop_constraint(op.f('uq_progress_account_id_module_id_edition'), type_='unique')
        batch.drop_column('edition')
        batch.create_unique_constraint(op.f('uq_progress_account_id_module_id'), ['account_id', 'module_id'])
    with op.batch_alter_table('track_modules') as batch:
        batch.drop_column('required_since')
    put_aside()
    with op.batch_alter_table('modules') as batch:
        for name in ('file_digest', 'subtitles_digest'):
            batch.drop_constraint(op.f(f'fk_modules_{name}'), type_='foreignkey')
        for name in ('edition', 'version', 'subtitles_digest', 'file_digest', 'address'):
            batch.drop_column(name)
        batch.alter_column('published_at', existing_type=MOMENT, nullable=False)
        batch.drop_constraint(op.f('ck_modules_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_modules_kind'), "kind IN ('article')")
    take_back({})
