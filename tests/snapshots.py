"""What stands in the database, to compare before and after."""

from __future__ import annotations

import sqlalchemy

from quizapp.extensions import db


def rows_by_table() -> dict[str, list[str]]:
    """Return every row of every table of ours, in an order that does not depend on the database."""
    db.session.rollback()
    found = {
        table.name: sorted(map(repr, db.session.execute(sqlalchemy.select(table))))
        for table in db.metadata.sorted_tables
    }
    db.session.rollback()
    return found
