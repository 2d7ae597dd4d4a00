"""What is done with modules: brought in from files, put into tracks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.extensions import db
from quizapp.study.content import ModuleFile
from quizapp.study.models import Module, ModuleKind, TrackModule


def load_modules(actor: Actor, files: Iterable[ModuleFile]) -> dict[str, int]:
    """Bring modules in, new or changed; the same again changes nothing. Return their ids by slug."""
    held = {module.slug: module for module in db.session.scalars(select(Module))}
    ids = {}
    for file in files:
        values = {
            "title": file.title,
            "summary": file.summary,
            "body": file.body,
            "sources": list(file.sources),
            "min_seconds": file.minutes * 60,
        }
        module = held.get(file.slug)
        if module is None:
            module = Module(slug=file.slug, kind=ModuleKind.ARTICLE, published_at=clock.now(), **values)
            db.session.add(module)
        changed = [name for name, value in values.items() if getattr(module, name) != value]
        for name in changed:
            setattr(module, name, values[name])
        db.session.flush()
        if changed or file.slug not in held:
            log.record(actor, "module.load", f"module:{file.slug}", {"changed": changed})
        ids[file.slug] = module.id
    return ids


def put_into_track(track_id: int, module_ids: Sequence[int]) -> None:
    """Let a new track hold these modules in this order."""
    db.session.add_all(
        TrackModule(track_id=track_id, module_id=module_id, position=place)
        for place, module_id in enumerate(module_ids, start=1)
    )
    db.session.flush()
