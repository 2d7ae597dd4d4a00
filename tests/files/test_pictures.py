"""Pictures that are brought in, and files on their way out."""

from __future__ import annotations

import contextlib
import io
import random

import pytest
from flask import Flask
from PIL import Image

from quizapp.audit.actors import COMMAND_LINE
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.files import pictures, store
from quizapp.files.pictures import BadPicture, make_anew
from quizapp.files.references import digests_in, refer, replace_references
from quizapp.files.rendering import with_pictures
from tests import builders
from tests.pages import sign_in


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(side: int, mode: str = "RGB") -> Image.Image:
    source = random.Random(side)
    return Image.frombytes(mode, (side, side), source.randbytes(side * side * len(mode)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("side", [40, 900])
def test_every_common_format_is_taken_and_made_anew_once_only(kind: str, side: int) -> None:
    first = make_anew(encoded(noise(side), kind))

    assert make_anew(first.content) == first
    assert Image.open(io.BytesIO(first.content)).size == (side, side)


def test_a_photograph_is_kept_small_and_transparency_stays() -> None:
    photograph = make_anew(encoded(noise(2000), "JPEG"))
    drawing = make_anew(encoded(noise(30, "RGBA"), "PNG"))

    assert photograph.media_type == "image/jpeg"
    assert max(Image.open(io.BytesIO(photograph.content)).size) == pictures.LONGEST_SIDE
    assert Image.open(io.BytesIO(drawing.content)).mode == "RGBA"


def test_what_a_camera_hid_in_it_is_gone() -> None:
    image = noise(50)
    exif = Image.Exif()
    exif[0x010E] = "taken at the home of"
    marked = encoded(image, "JPEG", exif=exif, comment=pictures.OWN_MARK)
    behind = encoded(image, "JPEG", comment=pictures.OWN_MARK) + b"<script>"

    for content in (marked, behind, encoded(image, "PNG") + b"<script>"):
        kept = make_anew(content).content
        assert b"home of" not in kept
        assert b"<script>" not in kept


def test_a_sideways_photograph_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = make_anew(encoded(Image.new("RGB", (20, 10), "red"), "JPEG", exif=exif))

    assert Image.open(io.BytesIO(turned.content)).size == (10, 20)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"%PDF-1.7",
        encoded(noise(30), "PNG")[:200],
        encoded(noise(30), "JPEG")[:300],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"x" * (pictures.LARGEST_BYTES + 1),
        encoded(Image.new("1", (20_000, 20_000)), "PNG"),
    ],
    ids=range(9),
)
def test_what_is_no_picture_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(BadPicture):
        make_anew(content)


def test_two_thousand_broken_pictures_are_refused_or_made_anew() -> None:
    source = random.Random(7)
    good = [encoded(noise(24), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]
    for _ in range(2000):
        broken = bytearray(source.choice(good))
        for _ in range(source.randint(1, 8)):
            broken[source.randrange(len(broken))] = source.randrange(256)
        with contextlib.suppress(BadPicture):
            assert make_anew(bytes(broken[: source.randint(1, len(broken))])).content


def test_references_are_found_replaced_and_shown_without_letting_anything_else_through() -> None:
    digest = "a" * 64
    text = f"<b>看图</b>\n{refer(digest, 'x] onerror=')}后面 ![](image:nonsense)"

    assert digests_in([text]) == {digest}
    assert replace_references(text, lambda _digest, shows: f"[{shows}]").count("[x  onerror=]") == 1


def test_a_text_with_a_picture_shows_it_and_escapes_the_rest(app: Flask) -> None:
    with app.test_request_context():
        shown = with_pictures(f'<b>"\n{refer("a" * 64, "锅<炉")}')

    assert str(shown) == (
        f'&lt;b&gt;&#34;<br><img class="picture" src="/files/{"a" * 64}" alt="锅&lt;炉" loading="lazy">'
    )


def test_a_file_is_served_in_parts_and_for_ever_to_who_is_signed_in(app: Flask) -> None:
    digest = store.keep(COMMAND_LINE, b"0123456789", "video/mp4")
    account = builders.make_account()
    db.session.commit()
    client = sign_in(app, account)

    with client.get(f"/files/{digest}", headers={"Range": "bytes=2-4"}) as part:
        assert (part.status_code, part.data) == (206, b"234")
        assert "immutable" in part.headers["Cache-Control"]
        assert part.headers["Content-Type"] == "video/mp4"
    with client.get(f"/files/{digest}", headers={"If-None-Match": f'"{digest}"'}) as same:
        assert same.status_code == 304
    assert app.test_client().get(f"/files/{digest}").status_code == 302


@pytest.mark.parametrize(
    "digest", ["", "../secret_key", "A" * 64, "a" * 63, "a" * 64, "/etc/passwd", "a/../" * 12 + "aaaa"]
)
def test_no_path_can_be_made_of_a_digest(app: Flask, digest: str) -> None:
    with pytest.raises(NotFound):
        store.get_file(digest)
    if digest != "a" * 64:
        with pytest.raises(NotFound):
            store.path_of(digest)


def test_the_same_content_is_kept_once(app: Flask) -> None:
    first = store.keep(COMMAND_LINE, b"same", "text/plain")
    again = store.keep(COMMAND_LINE, b"same", "text/plain")

    assert first == again
    assert [path.name for path in store.path_of(first).parent.iterdir()] == [first]
