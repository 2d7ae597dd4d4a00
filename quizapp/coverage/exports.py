"""Lists that left the product: on record with what they held, so that a person can be told of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from quizapp.accounts.scopes import Scope
from quizapp.audit import log
from quizapp.audit import queries as audit_queries
from quizapp.audit.actors import Actor
from quizapp.audit.queries import AuditFilter
from quizapp.coverage import queries
from quizapp.coverage.selection import Selection, Status
from quizapp.directory.roles import JobRole, Scale
from quizapp.web.sealing import seal, unseal

ACTION = "list.export"
#: So many of the latest lists are looked through for one person.
MOST_LISTS = 100


def record_export(actor: Actor, selection: Selection, *, kind: str, purpose: str = "") -> None:
    """Record that a list leaves as a file of this kind; `purpose` says why phone numbers are whole in it."""
    filters = {"region": selection.region, "scale": selection.scale, "role": selection.role}
    detail: dict[str, Any] = {
        "format": kind,
        "filter": {name: value for name, value in {**filters, "status": selection.status}.items() if value},
        "as_of": selection.as_of.isoformat(),
        "scope": "everything" if selection.scope.everything else asdict(selection.scope),
    }
    if selection.text:
        detail["filter"]["find"] = seal(selection.text)
    if purpose:
        detail["purpose"] = purpose
    log.record(actor, ACTION, f"campaign:{selection.campaign_id}", detail)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedIn:
    """A list that left with somebody on it."""

    at: datetime
    actor_id: int | None
    #: "" when the phone numbers in it were masked.
    purpose: str


def lists_with(account_id: int) -> list[ListedIn]:
    """Return the lists that left with this person on them, the latest first."""
    entries, _ = audit_queries.page_of_entries(AuditFilter(action=ACTION), None, per_page=MOST_LISTS)
    return [
        ListedIn(at=entry.at, actor_id=entry.actor_id, purpose=entry.detail.get("purpose", ""))
        for entry in entries
        if queries.holds(_selection(entry.subject, entry.detail), account_id)
    ]


def _selection(subject: str, detail: dict[str, Any]) -> Selection:
    """Return what a recorded list held: the facts give the same rows again at any time."""
    asked, scope = detail["filter"], detail["scope"]
    selection = Selection(
        campaign_id=int(subject.removeprefix("campaign:")),
        as_of=datetime.fromisoformat(detail["as_of"]),
        scope=Scope(everything=True) if scope == "everything" else _scope(scope),
        region=asked.get("region", ""),
        text=unseal(asked["find"]) if "find" in asked else "",
    )
    return replace(
        selection,
        scale=Scale(asked["scale"]) if "scale" in asked else None,
        role=JobRole(asked["role"]) if "role" in asked else None,
        status=Status(asked["status"]) if "status" in asked else None,
    )


def _scope(document: dict[str, Any]) -> Scope:
    return Scope(
        paths=tuple(document["paths"]),
        member_unit_ids=tuple(document["member_unit_ids"]),
        enterprise_ids=tuple(document["enterprise_ids"]),
    )
