"""Pictures that strangers bring: looked at, made anew, small. Pure; runs where a limit on memory holds.

What comes out is a PNG or a JPEG of our own making, without what a camera or an editor hid in it. Made anew
once more it stays byte for byte the same, so that a bank that was exported comes back unchanged.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
#: Longest side of what is kept; a phone shows no more.
LONGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
JPEG_QUALITY = 85
OPAQUE = 255
#: A PNG above this is a photograph: it is kept as JPEG.
LARGEST_PNG = 400_000
#: Stands as a comment in the JPEGs of our own making; made anew, they would get worse each time.
OWN_MARK = b"quizapp picture 1"


class BadPicture(UnreadableFile):
    """The picture cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 by which texts refer to it, hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def extension(self) -> str:
        """Return the ending of a file that holds it."""
        return {"image/png": "png", "image/jpeg": "jpg"}[self.media_type]


def make_anew(content: bytes) -> Picture:
    """Return the picture in a form of our own. Raises BadPicture."""
    if len(content) > LARGEST_BYTES:
        raise BadPicture(M("图片太大，最大 %(most)s MB。", most=LARGEST_BYTES // 1024 // 1024))
    if _is_own_jpeg(content):
        return Picture(content, "image/jpeg")
    try:
        return _encoded(_decoded(content))
    except BadPicture:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadPicture(M("图片已损坏或不是常见格式（PNG、JPEG、GIF、WebP、BMP）。")) from error


def _decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as found:
        if found.width * found.height > MOST_PIXELS:
            raise BadPicture(M("图片的像素太多，请缩小后再用。"))
        found.load()
        upright = ImageOps.exif_transpose(found) or found
        clean = upright.convert("RGBA" if _has_alpha(upright) else "RGB")
    clean.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return clean


def _has_alpha(image: Image.Image) -> bool:
    if "transparency" not in image.info and image.mode not in {"RGBA", "LA", "PA"}:
        return False
    alpha = image.convert("RGBA").getchannel("A")
    return min(alpha.tobytes(), default=OPAQUE) < OPAQUE


def _encoded(image: Image.Image) -> Picture:
    as_png = io.BytesIO()
    image.save(as_png, "PNG", optimize=False, compress_level=6)
    if as_png.tell() <= LARGEST_PNG or image.mode == "RGBA":
        return Picture(as_png.getvalue(), "image/png")
    as_jpeg = io.BytesIO()
    image.save(as_jpeg, "JPEG", quality=JPEG_QUALITY, comment=OWN_MARK)
    return Picture(as_jpeg.getvalue(), "image/jpeg")


#: Markers of a JPEG that say how to decode it: tables, frame, JFIF and the comment (ITU-T T.81, B.1.1.3).
_ALLOWED = frozenset({0xC0, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0, 0xFE})
_SCAN = 0xDA


def _is_own_jpeg(content: bytes) -> bool:
    """Say whether these are the bytes of a JPEG of our own making, with nothing hidden in it."""
    if not content.startswith(b"\xff\xd8") or OWN_MARK not in content[:64] or not _decodes_whole(content):
        return False
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:  # noqa: PLR2004 - begins a marker
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == _SCAN:
            return content.count(b"\xff\xd9") == 1 and content.endswith(b"\xff\xd9")
        if marker not in _ALLOWED or (marker == 0xFE and length != len(OWN_MARK) + 2):  # noqa: PLR2004 - comment
            return False
        place += 2 + length
    return False


def _decodes_whole(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as found:
            fits = max(found.size) <= LONGEST_SIDE
            found.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return fits
