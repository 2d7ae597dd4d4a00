"""Subtitles that strangers bring: read as WebVTT and written anew, cues alone (W3C WebVTT). Pure."""

from __future__ import annotations

import re

from quizapp.errors import Invalid
from quizapp.messages import M

MEDIA_TYPE = "text/vtt"
LARGEST_BYTES = 1024 * 1024
MOST_CUES = 5000
LONGEST_CUE = 500
_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?", re.ASCII)
_TAG = re.compile(r"<[^>]*>?")


class BadSubtitles(Invalid):
    """The file holds no subtitles that can be shown."""

    def __init__(self) -> None:
        super().__init__(M("字幕不是有效的 WebVTT（.vtt，UTF-8）文件，或者太长。"))


def read_webvtt(content: bytes) -> bytes:
    """Return the cues of a file as WebVTT of our own, without tags and styles. Raises BadSubtitles."""
    if len(content) > LARGEST_BYTES:
        raise BadSubtitles
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise BadSubtitles from error
    if not re.match(r"WEBVTT(?:[ \t\n]|$)", text) or "\0" in text:
        raise BadSubtitles
    cues = [cue for block in re.split(r"\n{2,}", text)[1:] if (cue := _cue(block.strip("\n").split("\n")))]
    if not 0 < len(cues) <= MOST_CUES:
        raise BadSubtitles
    return ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode()


def _cue(lines: list[str]) -> str:
    """Return a block that is a cue, "" for a note, a style or a region. Raises BadSubtitles."""
    if lines[0].split(" ")[0] in {"NOTE", "STYLE", "REGION", ""}:
        return ""
    timing = next((place for place, line in enumerate(lines[:2]) if "-->" in line), None)
    if timing is None:
        raise BadSubtitles
    found = _TIMING.fullmatch(lines[timing].strip())
    if not found:
        raise BadSubtitles
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    said = "\n".join(_TAG.sub("", line).replace("-->", "").strip() for line in lines[timing + 1 :])
    if end <= start or len(said) > LONGEST_CUE:
        raise BadSubtitles
    return f"{_clock(start)} --> {_clock(end)}\n{said}".rstrip()


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
