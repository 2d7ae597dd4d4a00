"""A value that no page would send gets a refusal, never an error of ours."""

from __future__ import annotations

from flask import Flask

from quizapp.extensions import db
from tests.threats import walking
from tests.web import test_authorization as authorization

world = authorization.world
World = authorization.World

ODD = [
    "\x00", "a\x00b", "9" * 5000, str(2**63), "-1", "1e999", "NaN", "١٢", "²", "'", '"', "%", "%s", "\\", "\u202e", "x" * 70_000,
    "\U0010ffff", "\r\nX-A: b", "2026-99-99", "9999-12-31", "0001-01-01", "null", "[]", "{}", "",
]  # fmt: skip


def test_no_value_in_any_field_of_any_route_is_an_error_of_ours(app: Flask, world: World) -> None:
    faults = set()
    # Every other value on each database: together they meet all routes with all values.
    values = ODD[db.engine.name == "postgresql" :: 2]
    for route, value, answer in walking.answers(app, world, values):
        with answer:
            if answer.status_code >= 500:
                faults.add((route, value[:20]))

    assert sorted(faults) == []
