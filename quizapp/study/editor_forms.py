"""The form of a module: what it sends, and what it shows again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from werkzeug.datastructures import MultiDict

from quizapp.campaigns.queries import OpenTrack
from quizapp.clock import DISTRICT_TIME
from quizapp.errors import Invalid
from quizapp.messages import M
from quizapp.study.drafts import Draft
from quizapp.study.kinds import ModuleKind

_NUMBER = re.compile(r"[0-9]{1,4}")
Form = MultiDict[str, str]


def read_draft(form: Form, held: Draft, tracks: Iterable[OpenTrack]) -> Draft:
    """Return the module in a form; what a form does not say stays as held. Raises Invalid."""
    minutes = form.get("minutes", "").strip()
    return replace(
        read_text(form, held.kind),
        file_digest=held.file_digest,
        subtitles_digest=held.subtitles_digest,
        min_seconds=int(minutes) * 60 if _NUMBER.fullmatch(minutes) else 0,
        published_at=_published_at(form, held.published_at),
        places={track.id: _place(form, track.id) for track in tracks if form.get(f"track-{track.id}")},
    )


def read_text(form: Form, kind: ModuleKind) -> Draft:
    """Return what there is to read in a form."""
    return Draft(
        kind=kind,
        title=" ".join(_text(form, "title").split()),
        summary=" ".join(_text(form, "summary").split()),
        body=_body(form),
        address=_text(form, "address"),
        sources=tuple(line.strip() for line in _text(form, "sources").splitlines() if line.strip()),
    )


def published(draft: Draft, at: datetime) -> Draft:
    """Return a draft that is to be published at once; what is published already stays so."""
    is_out = draft.published_at is not None and draft.published_at <= at
    return draft if is_out else replace(draft, published_at=at)


def moment_text(moment: datetime | None) -> str:
    """Return a moment as an input of type datetime-local shows it."""
    return moment.astimezone(DISTRICT_TIME).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _published_at(form: Form, held: datetime | None) -> datetime | None:
    """Return the moment in the form; minutes that were not touched keep the seconds they stand for."""
    text = form.get("published_at", "").strip()
    if text == moment_text(held):
        return held
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=DISTRICT_TIME)
    except ValueError as error:
        raise Invalid(M("发布时间应写作 2026-09-18T08:00。")) from error


def _place(form: Form, track_id: int) -> int:
    text = form.get(f"place-{track_id}", "").strip()
    return int(text) if _NUMBER.fullmatch(text) else 9999


def _body(form: Form) -> str:
    text = form.get("body", "").replace("\r\n", "\n").strip()
    return f"{text}\n" if text else ""


def _text(form: Form, name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()
