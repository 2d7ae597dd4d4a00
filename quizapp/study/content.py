"""Study content as files: a TOML head between lines of +++ and Markdown below."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from quizapp.errors import Invalid
from quizapp.messages import M

FENCE = "+++\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleFile:
    """A module as its file says it."""

    slug: str
    title: str
    summary: str
    minutes: int
    order: int
    roles: tuple[str, ...]
    sources: tuple[str, ...]
    body: str


class BadModuleFile(Invalid):
    """A content file cannot be read; the message names it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(M("学习内容文件 %(name)s 有误：%(why)s", name=name, why=why))


def read_module(file: Path) -> ModuleFile:
    """Return the module in a file; raise BadModuleFile."""
    text = file.read_text(encoding="utf-8")
    if not text.startswith(FENCE) or text.count(FENCE) < 2:  # noqa: PLR2004 - an opening and a closing line
        raise BadModuleFile(file.name, "+++")
    head, body = text[len(FENCE) :].split(FENCE, 1)
    try:
        fields = tomllib.loads(head)
        return ModuleFile(
            slug=fields["slug"],
            title=fields["title"],
            summary=fields["summary"],
            minutes=int(fields["minutes"]),
            order=int(fields["order"]),
            roles=tuple(fields["roles"]),
            sources=tuple(fields["sources"]),
            body=body.strip() + "\n",
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadModuleFile(file.name, str(error)) from error


def read_folder(folder: Path) -> list[ModuleFile]:
    """Return all modules of a folder in their order; raise BadModuleFile."""
    return sorted(
        (read_module(file) for file in sorted(folder.glob("*.md"))), key=lambda module: module.order
    )
