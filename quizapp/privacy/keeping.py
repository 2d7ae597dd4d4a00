"""How long what says who somebody is is kept, and what becomes of it then.

Personal Information Protection Law, articles 19 (the shortest time that the purpose needs) and 47 (deletion).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from quizapp import clock
from quizapp.accounts import anonymising, throttling
from quizapp.accounts import queries as account_queries
from quizapp.audit.actors import Actor
from quizapp.directory import queries as directory_queries
from quizapp.imports import pipeline
from quizapp.people import applications


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """How many people were anonymised, and how many files, applications and failed tries were deleted."""

    people: int
    files: int
    applications: int
    tries: int


def due() -> list[int]:
    """Return the accounts whose keeping period is over: no post, staff work or sign-in within it."""
    cutoff = clock.now() - timedelta(days=current_app.config["SETTINGS"].personal_data_days)
    idle = account_queries.idle_since(cutoff)
    held = directory_queries.held_since(cutoff, idle)
    return [account_id for account_id in idle if account_id not in held]


def forget(actor: Actor) -> Forgotten:
    """Anonymise who is due and delete what is no longer needed. Every figure of the past stays as it was."""
    account_ids = due()
    anonymising.anonymise(actor, account_ids)
    oldest = clock.now() - timedelta(days=current_app.config["SETTINGS"].uploaded_file_days)
    return Forgotten(
        people=len(account_ids),
        files=pipeline.forget_files(oldest),
        applications=applications.forget(oldest),
        tries=throttling.forget_old(),
    )
