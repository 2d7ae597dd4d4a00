"""Files of study content for tests: PDF, MP4 and WebVTT, sound and hostile."""

from __future__ import annotations

import zlib

SUBTITLES = "WEBVTT\n\nNOTE 说明\n\n1\n00:00:01.000 --> 00:00:03.500 align:start\n<b>先看</b>四周\n\n00:04.000 --> 00:05.000\n再鸣笛\n"


def bomb(side: int) -> bytes:
    """Return a document of one page whose picture is white and this many pixels wide and high."""
    packer = zlib.compressobj(9)
    row = bytes([255]) * side
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    size = b"/Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8" % (side, side)
    picture = b"<< /Type /XObject /Subtype /Image %s /Filter /FlateDecode /Length %d >>" % (size, len(packed))
    draw = b"q 595 0 0 842 0 0 cm /I Do Q"
    return document(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [5 0 R] >>",
            picture + b"\nstream\n" + packed + b"\nendstream",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw),
            (
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
                b" /Resources << /XObject << /I 3 0 R >> >> >>"
            ),
        ]
    )


def pdf(
    pages: int = 1, text: str = "Look around first", size: str = "595 842", count: int | None = None
) -> bytes:
    """Return a document of pages with a line of text; `count` is how many it says it has."""
    content = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages if count is None else count} /Kids [{' '.join(f'{5 + place} 0 R' for place in range(pages))}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
    return document(objects + [page.encode()] * pages)


def document(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects."""
    made = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + table + trailer


def box(kind: bytes, content: bytes = b"") -> bytes:
    """Return a box of an MP4."""
    return (8 + len(content)).to_bytes(4, "big") + kind + content


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")


def mp4(length: int = 1000) -> bytes:
    """Return what has the boxes of a video; nothing in it can be played."""
    return FTYP + box(b"moov", b"\0" * 100) + box(b"mdat", b"\0" * length)
