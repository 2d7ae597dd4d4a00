"""PDF documents that strangers bring: made into pictures of pages with their text, in a child process."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass

from quizapp.errors import Invalid
from quizapp.files.pictures import JPEG_QUALITY, OWN_MARK, Picture
from quizapp.imports import sandbox
from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M

MEDIA_TYPE = "application/pdf"
#: A header may stand after a little else (ISO 32000-1, annex H.3.4.1).
HEADER_WITHIN = 1024
WIDTH, MOST_PIXELS = 1200, 4_000_000
#: PDF points: a page of the largest size that the format knows is 200 inches long.
LONGEST_SIDE = 14_400
LONGEST_TEXT = 20_000
LARGEST_OUTPUT = 80 * 1024 * 1024
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PageOfDocument:
    """A page as it is shown, and what stands on it."""

    picture: Picture
    text: str


def read_document(content: bytes, most_pages: int) -> list[PageOfDocument]:
    """Return the pages of an uploaded PDF. Raises Invalid."""
    if b"%PDF-" not in content[:HEADER_WITHIN]:
        raise Invalid(M("文件内容不是 PDF，可能只是改了扩展名。"))
    try:
        pages = sandbox.run("quizapp.files.documents:read_here", content, str(most_pages))
    except UnreadableFile as error:
        raise Invalid(error.message) from error
    return [PageOfDocument(Picture(base64.b64decode(page), "image/jpeg"), text) for page, text in pages]


def read_here(content: bytes, most_pages: str) -> list[list[str]]:
    """Return the same as plain JSON values. A reader, for the child process."""
    import pypdfium2  # noqa: PLC0415 - a stranger's PDF is opened in the child alone

    damaged = UnreadableFile(M("PDF 已损坏或有密码，打不开。请另存后再上传。"))
    try:
        document = pypdfium2.PdfDocument(content)
        count = len(document)
        if count == 0:
            raise damaged
        if count > int(most_pages):
            raise UnreadableFile(
                M(
                    "PDF 有 %(count)s 页，最多 %(most)s 页。请拆分后再上传。",
                    count=count,
                    most=int(most_pages),
                )
            )
        pages, size = [], 0
        for number in range(count):
            pages.append(_page(document[number]))
            size += len(pages[-1][0])
            if size > LARGEST_OUTPUT:
                raise UnreadableFile(M("PDF 的页面太大，请拆分后再上传。"))
    except pypdfium2.PdfiumError as error:
        raise damaged from error
    return pages


def _page(page: object) -> list[str]:
    width, height = page.get_size()  # type: ignore[attr-defined]  # pypdfium2 is loaded in the child alone
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise UnreadableFile(M("PDF 的页面太大，请拆分后再上传。"))
    scale = min(WIDTH / width, (MOST_PIXELS / (width * height)) ** 0.5)
    image = page.render(scale=scale).to_pil().convert("RGB")  # type: ignore[attr-defined]  # as above
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY, comment=OWN_MARK)
    text = page.get_textpage().get_text_bounded()[:LONGEST_TEXT]  # type: ignore[attr-defined]  # as above
    said = _UNSHOWN.sub("", text.replace("\r\n", "\n")).strip()
    page.close()  # type: ignore[attr-defined]  # as above
    return [base64.b64encode(file.getvalue()).decode(), said]
