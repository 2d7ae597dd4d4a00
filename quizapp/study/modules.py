"""What is done with modules: brought in from files, put into tracks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.extensions import db
from quizapp.study.content import ModuleFile
from quizapp.study.editing import record_version
from quizapp.study.kinds import ModuleKind
from quizapp.study.models import Module, ModuleVersion, TrackModule


def load_modules(actor: Actor, files: Iterable[ModuleFile]) -> dict[str, int]:
    """Bring modules in, new or changed; the same again changes nothing. Return their ids by slug.

    One that an editor has changed on a page meanwhile is the editor's, and stays as it is.
    """
    held = {module.slug: module for module in db.session.scalars(select(Module))}
    edited = set(
        db.session.scalars(select(ModuleVersion.module_id).where(ModuleVersion.changed_by.is_not(None)))
    )
    ids = {}
    for file in files:
        module = held.get(file.slug)
        if module is None or module.id not in edited:
            module = _load(actor, file, module)
        ids[file.slug] = module.id
    return ids


def _load(actor: Actor, file: ModuleFile, module: Module | None) -> Module:
    values = {
        "title": file.title,
        "summary": file.summary,
        "body": file.body,
        "sources": list(file.sources),
        "min_seconds": file.minutes * 60,
    }
    if module is None:
        changed: list[str] = []
        module = Module(slug=file.slug, kind=ModuleKind.ARTICLE, published_at=clock.now(), **values)
        db.session.add(module)
    else:
        changed = [name for name, value in values.items() if getattr(module, name) != value]
        if not changed:
            return module
        for name in changed:
            setattr(module, name, values[name])
        module.version += 1
    db.session.flush()
    record_version(actor, module)
    log.record(actor, "module.load", f"module:{file.slug}", {"changed": changed})
    return module


def put_into_track(track_id: int, module_ids: Sequence[int]) -> None:
    """Let a new track hold these modules in this order."""
    db.session.add_all(
        TrackModule(track_id=track_id, module_id=module_id, position=place)
        for place, module_id in enumerate(module_ids, start=1)
    )
    db.session.flush()
