"""What kinds of study content there are, and how a module stands. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class ModuleKind(StrEnum):
    """How a module is shown."""

    ARTICLE = "article"
    LINK = "link"
    DOCUMENT = "document"
    VIDEO = "video"


class ModuleState(StrEnum):
    """Whether learners see a module."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    DRAFT = "draft"


def state_of(published_at: datetime | None, at: datetime) -> ModuleState:
    """Return how a module with this date of publication stands at a moment."""
    if published_at is None:
        return ModuleState.DRAFT
    return ModuleState.PUBLISHED if published_at <= at else ModuleState.SCHEDULED
