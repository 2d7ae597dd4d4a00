"""What stands in the address of a coverage page."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from flask import request

from quizapp import clock
from quizapp.accounts.policy import Action, scope_for
from quizapp.campaigns.queries import get_campaign
from quizapp.coverage.rates import Gap
from quizapp.coverage.selection import Selection, Status, read_as_of
from quizapp.directory.queries import get_region
from quizapp.directory.roles import JobRole, Scale
from quizapp.errors import NotFound
from quizapp.web.sealing import seal, unseal

Kind = TypeVar("Kind", bound=StrEnum)
FILTERS = ("campaign", "as_of", "region", "scale", "role", "status", "gap", "covered", "text", "find")
#: The one that may name a person: an address holds it sealed.
SEALED = "find"


def chosen() -> dict[str, str]:
    """Return every filter that the address holds, readable, "" where it does not."""
    found = {name: request.args.get(name, "").strip() for name in FILTERS}
    return {**found, SEALED: unseal(found[SEALED]) if found[SEALED] else ""}


def given() -> dict[str, str]:
    """Return the filters that are set, ready for the address of another page."""
    return {name: request.args[name].strip() for name, value in chosen().items() if value}


def asked_in_form() -> dict[str, Any]:
    """Return the filters of a form that was sent, ready for the address of the list."""
    found = {name: request.form.get(name, "").strip() for name in FILTERS}
    if found[SEALED]:
        found[SEALED] = seal(found[SEALED])
    return {name: value for name, value in found.items() if value}


def one_of(kind: type[Kind], name: str) -> Kind | None:
    """Return a filter's value, None when it is missing or unknown."""
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


def read_selection(action: Action, enterprise_id: int | None = None) -> Selection:
    """Return what the address asks for, within what the account may do; raise NotFound or Invalid."""
    values, scope = chosen(), scope_for(action)
    if values["region"]:
        get_region(values["region"])
        if not (scope.covers(values["region"]) or scope.member_unit_ids or scope.enterprise_ids):
            raise NotFound
    return Selection(
        campaign_id=get_campaign(values["campaign"] or None).id,
        as_of=read_as_of(values["as_of"], clock.now()),
        scope=scope,
        region=values["region"],
        scale=one_of(Scale, "scale"),
        role=one_of(JobRole, "role"),
        status=one_of(Status, "status"),
        enterprise_id=enterprise_id,
        text=values["find"] or values["text"],
    )


def read_gap() -> Gap | None:
    """Return the gap that is asked for."""
    return one_of(Gap, "gap")


def read_covered() -> bool | None:
    """Return whether covered or uncovered enterprises are asked for, None for both."""
    return {"yes": True, "no": False}.get(request.args.get("covered", ""))
