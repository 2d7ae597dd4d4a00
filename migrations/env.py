"""Alembic's environment: the application's own engine and metadata."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app

from quizapp.database import Base, Document, Moment

config = context.config


def render_item(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Write our column type into migrations as what the database sees."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Document:
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the job queue's tables alone: they are huey's."""
    return not (kind == "table" and name is not None and name.startswith("huey_"))


def run_migrations() -> None:
    """Migrate over a connection of the application's engine."""
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            include_name=include_name,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
