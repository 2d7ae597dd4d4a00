"""The signs of GIFT: escapes, questions parted by blank lines, comments above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Each sign that a backslash takes its meaning from, with the noncharacter that stands for it meanwhile.
_HIDDEN = {sign: chr(0xFDD0 + place) for place, sign in enumerate("\\:#={}~\n")}
_HIDE = {("n" if sign == "\n" else sign): hidden for sign, hidden in _HIDDEN.items()}
_SHOW = str.maketrans({hidden: sign for sign, hidden in _HIDDEN.items()})
_DROP = str.maketrans(dict.fromkeys(_HIDDEN.values(), ""))
_ESCAPE = str.maketrans({sign: f"\\{sign}" for sign in "\\:#={}~"} | {"\n": "\\n", "\r": None})
_ESCAPED = re.compile(r"\\([\\:#={}~n])")

CATEGORY = "$CATEGORY:"
_ID = re.compile(r"\[id:((?:[^\\\]]|\\.){1,120})\]")
_TAG = re.compile(r"\[tag:((?:[^\\\]]|\\.){1,120})\]")
#: Begins the comment that carries what GIFT has no field for.
CARRIER = "// quizapp "


def escape(text: str) -> str:
    """Return a text in which no sign means anything to GIFT."""
    return text.translate(_ESCAPE)


def hide(text: str) -> str:
    """Return a text whose escaped signs are out of the way of its real ones, until `show`."""
    return _ESCAPED.sub(lambda match: _HIDE[match[1]], text)


def show(text: str) -> str:
    """Return a piece of a hidden text as people read it."""
    return text.translate(_SHOW).strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands between two blank lines: a question or a category, with the comments above and in it."""

    line: int
    text: str
    comments: tuple[str, ...]

    @property
    def category(self) -> str | None:
        """Return the category that holds from here on, None when this is a question."""
        return self.text[len(CATEGORY) :].strip() if self.text.startswith(CATEGORY) else None

    @property
    def id_number(self) -> str:
        """Return the number that the question has in its bank."""
        found = (_ID.search(comment) for comment in self._plain_comments)
        return next((_unbracketed(match[1]) for match in found if match), "")

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the question's tags."""
        found = (_unbracketed(tag) for comment in self._plain_comments for tag in _TAG.findall(comment))
        return tuple(dict.fromkeys(tag for tag in found if tag))

    @property
    def carried(self) -> str:
        """Return the JSON in our own comment."""
        found = (comment for comment in self.comments if comment.startswith(CARRIER))
        return next((comment[len(CARRIER) :] for comment in found), "")

    @property
    def _plain_comments(self) -> Iterator[str]:
        return (comment for comment in self.comments if not comment.startswith(CARRIER))


def _unbracketed(text: str) -> str:
    return text.replace("\\]", "]").strip()


def bracketed(word: str, text: str) -> str:
    """Return an id or a tag as it stands in a comment."""
    escaped = " ".join(text.split()).replace("]", "\\]")
    return f"[{word}:{escaped}]"


def entries(text: str) -> Iterator[Entry]:
    """Yield what stands between blank lines."""
    first = 0
    lines: list[str] = []
    comments: list[str] = []
    for number, line in enumerate([*text.translate(_DROP).split("\n"), ""], start=1):
        stripped = line.strip()
        if stripped.startswith("//"):
            comments.append(stripped)
        elif stripped and not (stripped.startswith(CATEGORY) and not lines):
            first = first or number
            lines.append(line)
        else:
            if stripped:
                yield Entry(number, stripped, ())
            elif lines:
                yield Entry(first, "\n".join(lines).strip(), tuple(comments))
            first, lines, comments = 0, [], []
