"""Files that were a bank once: cut, flipped, doubled, in a wrong encoding, and texts made of a format's own signs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

ENCODINGS = ("utf-16", "utf-16-be", "gb18030", "utf-8", "big5", "shift_jis", "latin-1", "utf-7")


def garbled_files(good: Sequence[bytes], signs: Sequence[str], count: int, seed: int) -> Iterator[bytes]:
    """Yield so many files, each made from a good one or from a format's signs, the same for a seed."""
    source = random.Random(seed)
    ways: list[Callable[[random.Random, bytes], bytes]] = [_cut, _flipped, _doubled, _holed, _recoded]
    for number in range(count):
        if number % 3 == 0:
            yield "".join(source.choices(signs, k=source.randint(1, 60))).encode("utf-8", "replace")
            continue
        content = source.choice(good)
        for _ in range(source.randint(1, 3)):
            content = source.choice(ways)(source, content)
        yield content


def _cut(source: random.Random, content: bytes) -> bytes:
    return content[: source.randrange(len(content) + 1)]


def _flipped(source: random.Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(source.randint(1, 8) if found else 0):
        found[source.randrange(len(found))] = source.randrange(256)
    return bytes(found)


def _doubled(source: random.Random, content: bytes) -> bytes:
    start, end = sorted((source.randrange(len(content) + 1), source.randrange(len(content) + 1)))
    return content[:end] + content[start:end] * source.randint(1, 4) + content[end:]


def _holed(source: random.Random, content: bytes) -> bytes:
    start = source.randrange(len(content) + 1)
    return content[:start] + content[start + source.randint(1, 40) :]


def _recoded(source: random.Random, content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode(source.choice(ENCODINGS), "ignore")
