"""The text of a file that somebody saved with whatever encoding their program had."""

from __future__ import annotations

from quizapp.imports.limits import OLE_MAGIC, ZIP_MAGIC
from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M

ENCODINGS = ("utf-8-sig", "gb18030")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(content: bytes) -> str:
    r"""Return a file's text, its lines ended by ``\\n`` alone. Raises UnreadableFile."""
    if not content.strip():
        raise UnreadableFile(M("文件是空的。请检查后重新上传。"))
    if content.startswith((ZIP_MAGIC, OLE_MAGIC)):
        raise UnreadableFile(
            M("文件内容是 Word 或 Excel 文件，扩展名却是文本的。请把扩展名改回 .docx 或 .xlsx 后再上传。")
        )
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableFile(M("文件内容不是文本。请用记事本打开确认，另存为 UTF-8 后再上传。"))
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-16",) if content.startswith(UTF_16_MARKS) else ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(M("文件的编码读不出来。请用记事本打开，另存为 UTF-8 后再上传。"))


def looked_at(content: bytes) -> str:
    """Return the text of a file to tell its format by, "" when it has none."""
    try:
        return decode(content)
    except UnreadableFile:
        return ""
