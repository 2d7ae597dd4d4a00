"""A module as an editor writes it, before it is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from urllib.parse import urlsplit

from quizapp.errors import Invalid
from quizapp.messages import M, Message
from quizapp.study.kinds import ModuleKind

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_BODY, LONGEST_ADDRESS = 120, 240, 60_000, 500
LONGEST_SOURCE, MOST_SOURCES = 200, 50
MOST_MINUTES = 600
LONGEST_REASON = 200

#: What each field is called on pages; "tracks" stands for the places.
FIELD_NAMES: Mapping[str, Message] = {
    "title": M("标题"),
    "summary": M("摘要"),
    "body": M("正文"),
    "address": M("网址"),
    "file_digest": M("文件"),
    "subtitles_digest": M("字幕"),
    "sources": M("依据"),
    "min_seconds": M("最少学习时间"),
    "published_at": M("发布时间"),
}
#: What learners study: who had done it may have to look again when one of these changes.
STUDIED = frozenset({"body", "address", "file_digest", "subtitles_digest"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What an editor decides about a module."""

    kind: ModuleKind
    title: str = ""
    summary: str = ""
    body: str = ""
    address: str = ""
    file_digest: str | None = None
    subtitles_digest: str | None = None
    sources: tuple[str, ...] = ()
    min_seconds: int = 300
    published_at: datetime | None = None
    #: In which tracks of campaigns that are not over it stands, and as which module there, from 1.
    places: Mapping[int, int] = field(default_factory=dict)


def changed_fields(before: Draft, after: Draft) -> list[str]:
    """Return the names of what differs but for the places."""
    return [one.name for one in fields(Draft) if one.name in FIELD_NAMES and _differ(before, after, one.name)]


def _differ(before: Draft, after: Draft, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def check_draft(draft: Draft) -> None:
    """Raise Invalid, with the first reason, for what cannot be a module."""
    texts = (draft.title, draft.summary, draft.body, *draft.sources)
    longest_source = max(map(len, draft.sources), default=0)
    minutes = draft.min_seconds / 60
    for is_wrong, message in (
        (not draft.title, M("请填写标题。")),
        (len(draft.title) > LONGEST_TITLE, M("标题最多 %(most)s 字。", most=LONGEST_TITLE)),
        (not draft.summary, M("请填写摘要。")),
        (len(draft.summary) > LONGEST_SUMMARY, M("摘要最多 %(most)s 字。", most=LONGEST_SUMMARY)),
        (len(draft.body) > LONGEST_BODY, M("正文最多 %(most)s 字。", most=LONGEST_BODY)),
        (len(draft.sources) > MOST_SOURCES, M("依据最多 %(most)s 行。", most=MOST_SOURCES)),
        (longest_source > LONGEST_SOURCE, M("每行依据最多 %(most)s 字。", most=LONGEST_SOURCE)),
        (not 1 <= minutes <= MOST_MINUTES, M("最少学习时间应为 1 到 %(most)s 分钟。", most=MOST_MINUTES)),
        (any("\0" in text for text in texts), M("文字中有不能保存的字符。")),
    ):
        if is_wrong:
            raise Invalid(message)
    _check_what_is_studied(draft)


def _check_what_is_studied(draft: Draft) -> None:
    has_it, message = {
        ModuleKind.ARTICLE: (bool(draft.body), M("请填写正文。")),
        ModuleKind.LINK: (is_web_address(draft.address), M("请填写以 http:// 或 https:// 开头的网址。")),
        ModuleKind.DOCUMENT: (draft.file_digest is not None, M("请上传 PDF 文件。")),
        ModuleKind.VIDEO: (draft.file_digest is not None, M("请上传 MP4 视频。")),
    }[draft.kind]
    if not has_it:
        raise Invalid(message)


def is_web_address(text: str) -> bool:
    """Say whether a text is an address that a browser may open: HTTP or HTTPS, with a host, nothing odd."""
    if len(text) > LONGEST_ADDRESS or not text.isprintable() or any(sign.isspace() for sign in text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "\\" not in text
