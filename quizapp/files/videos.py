"""Whether a file is a whole MP4 video: its boxes are walked, nothing is decoded (ISO/IEC 14496-12). Pure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from quizapp.errors import Invalid
from quizapp.messages import M

MEDIA_TYPE = "video/mp4"
#: Brands of files that browsers play.
BRANDS = frozenset(
    (b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV")
)
MOST_BOXES = 100_000
LONGEST_FTYP = 4096
SHORT_HEADER, LONG_HEADER = 8, 16


class BadVideo(Invalid):
    """The file is no video that can be shown."""

    def __init__(self) -> None:
        super().__init__(M("这不是完整的 MP4 视频。请另存为 MP4（H.264）再上传。"))


def check_mp4(file: IO[bytes]) -> None:
    """Raise BadVideo unless the file is an MP4 with an index and content, to its last byte."""
    size = file.seek(0, os.SEEK_END)
    kinds = set()
    for number, (kind, start, end) in enumerate(_boxes(file, size)):
        if number == 0 and not _is_playable(file, kind, start, end):
            raise BadVideo
        if number >= MOST_BOXES:
            raise BadVideo
        kinds.add(kind)
    file.seek(0)
    if not {b"ftyp", b"moov", b"mdat"} <= kinds:
        raise BadVideo


def _boxes(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, beginning and end of the content of each box. Raises BadVideo."""
    place = 0
    while place < size:
        file.seek(place)
        header = file.read(LONG_HEADER)
        length, kind, begins = int.from_bytes(header[:4], "big"), header[4:8], SHORT_HEADER
        if length == 1:  # the length follows in eight bytes
            length, begins = int.from_bytes(header[8:16], "big"), LONG_HEADER
        if length == 0:  # to the end of the file
            length = size - place
        if len(header) < begins or length < begins or place + length > size:
            raise BadVideo
        yield kind, place + begins, place + length
        place += length


def _is_playable(file: IO[bytes], kind: bytes, start: int, end: int) -> bool:
    if kind != b"ftyp" or not SHORT_HEADER <= end - start <= LONGEST_FTYP:
        return False
    file.seek(start)
    content = file.read(end - start)
    brands = [content[:4], *(content[at : at + 4] for at in range(SHORT_HEADER, len(content), 4))]
    return not BRANDS.isdisjoint(brands)
