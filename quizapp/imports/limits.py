"""What an uploaded file may cost before it is refused."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence

from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M, Message

MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_RATIO = 200
#: Small members may pack better than MOST_RATIO without harm.
RATIO_MATTERS_FROM = 10 * 1024 * 1024
#: Every picture is one.
MOST_MEMBERS = 10_000
#: Of a document, without its pictures: what is parsed as XML.
MOST_DOCUMENT_BYTES = 48 * 1024 * 1024
MOST_SHEETS = 50
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELLS = 4_000_000
MOST_CELL_LENGTH = 32_767

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
#: Names of streams in an OLE file: a workbook under a password ([MS-OFFCRYPTO] 2.1.4), and macros.
_ENCRYPTED, _OLD_MACROS = "EncryptedPackage".encode("utf-16-le"), "_VBA_PROJECT".encode("utf-16-le")
#: A workbook that begins with FILEPASS ([MS-XLS] 2.4.117) right after BOF.
_OLD_PASSWORD = re.compile(rb"\x09\x08\x10\x00.{16}\x2f\x00", re.DOTALL)
_MANIFEST, _MOST_MANIFEST = "META-INF/manifest.xml", 1024 * 1024
#: The member that makes a packed file a workbook.
_HEARTS = {"xlsx": "xl/workbook.xml", "ods": "content.xml"}


def check_workbook(content: bytes, kind: str = "xlsx") -> None:
    """Look at an .xlsx, .ods or .xls file without unpacking it; raise UnreadableFile."""
    if kind == "xls":
        _check_old_workbook(content)
    else:
        _check_new_workbook(content, kind)


def _check_old_workbook(content: bytes) -> None:
    if content.startswith(ZIP_MAGIC):
        raise UnreadableFile(M("文件内容是新版工作簿，扩展名却是 .xls。请把扩展名改为 .xlsx 后再上传。"))
    if not content.startswith(OLE_MAGIC):
        raise UnreadableFile(
            M("文件内容不是 .xls 工作簿，可能只是改了扩展名。请用 Excel 或 WPS 另存为 .xlsx。")
        )
    if _ENCRYPTED in content or _OLD_PASSWORD.search(content):
        raise _encrypted()
    if _OLD_MACROS in content:
        raise _with_macros()


def _check_new_workbook(content: bytes, kind: str) -> None:
    if content.startswith(OLE_MAGIC):
        raise _encrypted()
    if not content.startswith(ZIP_MAGIC):
        raise UnreadableFile(
            M(
                "文件内容不是 .%(kind)s 工作簿，可能只是改了扩展名。请用 Excel 或 WPS 另存为 .xlsx。",
                kind=kind,
            )
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            is_locked = kind == "ods" and _is_locked(archive)
    except (
        zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, EOFError, zlib.error,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            M("工作簿已损坏，打不开。请在 Excel 或 WPS 中打开确认后另存，再上传。")
        ) from error
    if len(members) > MOST_MEMBERS or not any(member.filename == _HEARTS[kind] for member in members):
        raise UnreadableFile(M("压缩包里没有工作簿。请上传 .xlsx 文件，而不是压缩包。"))
    if is_locked:
        raise _encrypted()
    if any(member.filename.lower().endswith("vbaproject.bin") for member in members):
        raise _with_macros()
    if _is_too_large(members, content):
        raise UnreadableFile(M("工作簿展开后过大，已拒绝。请只保留题目所在的工作表，拆分后再上传。"))


def _is_locked(archive: zipfile.ZipFile) -> bool:
    """Say whether an OpenDocument file has a password (OpenDocument 1.2, part 3, 4.8.1)."""
    if _MANIFEST not in archive.namelist():
        return False
    with archive.open(_MANIFEST) as stream:
        return b"encryption-data" in stream.read(_MOST_MANIFEST)


def _encrypted() -> UnreadableFile:
    """Return the refusal of a workbook that has a password, or hides in an old one's clothes."""
    return UnreadableFile(M("这是加密的工作簿或旧版 .xls 文件。请取消密码，另存为 .xlsx 后再上传。"))


def _with_macros() -> UnreadableFile:
    return UnreadableFile(M("工作簿里有宏。请另存为不带宏的 .xlsx 后再上传。"))


def check_document(content: bytes) -> None:
    """Look at a .docx file's directory without unpacking it; raise UnreadableFile."""
    if content.startswith(OLE_MAGIC):
        raise UnreadableFile(M("这是加密的文档或旧版 .doc 文件。请取消密码，另存为 .docx 后再上传。"))
    if not content.startswith(ZIP_MAGIC):
        raise UnreadableFile(
            M("文件内容不是 .docx 文档，可能只是改了扩展名。请用 Word 或 WPS 另存为 .docx。")
        )
    members = _members(content, M("文档已损坏，打不开。请在 Word 或 WPS 中打开确认后另存，再上传。"))
    if len(members) > MOST_MEMBERS or not any(member.filename == "word/document.xml" for member in members):
        raise UnreadableFile(M("压缩包里没有文档。请上传 .docx 文件，而不是压缩包。"))
    texts = [member.file_size for member in members if not member.filename.startswith("word/media/")]
    if _is_too_large(members, content) or sum(texts) > MOST_DOCUMENT_BYTES:
        raise UnreadableFile(M("文档展开后过大，已拒绝。请拆分后再上传。"))


def _members(content: bytes, damaged: Message) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableFile(damaged) from error


def _is_too_large(members: Sequence[zipfile.ZipInfo], content: bytes) -> bool:
    unpacked = sum(member.file_size for member in members)
    too_dense = unpacked > RATIO_MATTERS_FROM and unpacked > MOST_RATIO * len(content)
    return unpacked > MOST_UNPACKED_BYTES or too_dense


def check_extent(rows: int, columns: int, sheet: str) -> None:
    """Raise UnreadableFile when a sheet has too many rows or columns."""
    if rows > MOST_ROWS or rows * columns > MOST_CELLS:
        raise UnreadableFile(
            M(
                "工作表“%(sheet)s”有 %(rows)s 行 %(columns)s 列，太大了，请拆分后再上传。",
                sheet=sheet,
                rows=rows,
                columns=columns,
            )
        )
    if columns > MOST_COLUMNS:
        raise UnreadableFile(
            M("工作表“%(sheet)s”超过 %(most)s 列，请删去多余的列。", sheet=sheet, most=MOST_COLUMNS)
        )
