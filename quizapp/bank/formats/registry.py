"""The formats that banks come in and go out in, by the ending of the file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from quizapp.bank.formats import aiken, product, workbook
from quizapp.bank.formats.gift import reading as gift_reading
from quizapp.bank.formats.gift import writing as gift_writing
from quizapp.bank.formats.moodle import reading as moodle_reading
from quizapp.bank.formats.moodle import writing as moodle_writing
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.qti import packaging as qti_packaging
from quizapp.bank.formats.qti import reading as qti_reading
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.formats.text import reading as text_reading
from quizapp.bank.formats.text import tables as text_tables
from quizapp.bank.formats.word import reading as word_reading
from quizapp.bank.questions import QuestionContent
from quizapp.files.pictures import Picture
from quizapp.imports.tables import Table, UnreadableFile
from quizapp.messages import M, Message

Read = Callable[[bytes, str], ParsedBank]
Write = Callable[[Iterable[QuestionContent], Mapping[str, Picture]], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format by name: what files of it end in, how it is read and how it is written."""

    name: str
    label: Message
    endings: tuple[str, ...]
    media_type: str
    read: Read | None = None
    #: Takes the file's sheets in place of its bytes.
    read_tables: Callable[[Iterable[Table]], ParsedBank] | None = None
    write: Write | None = None
    #: Looks at a file whose ending several formats share.
    recognises: Callable[[bytes], bool] | None = None

    @property
    def is_readable(self) -> bool:
        """Say whether files of it can be brought in."""
        return bool(self.read or self.read_tables)


FORMATS: tuple[Format, ...] = (
    Format(
        name="spreadsheet",
        label=M("表格"),
        endings=("xlsx", "xls", "ods"),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        read_tables=parse_tables,
        write=workbook.write,
    ),
    Format(
        name="csv",
        label=M("CSV 表格（没有图片）"),
        endings=("csv",),
        media_type="text/csv",
        read_tables=parse_tables,
        write=workbook.write_csv,
    ),
    Format(
        name="json",
        label=M("本系统 JSON"),
        endings=("json",),
        media_type="application/json",
        read=product.read,
        write=product.write,
    ),
    Format(
        name="moodle",
        label=M("Moodle XML"),
        endings=("xml",),
        media_type="application/xml",
        read=moodle_reading.read,
        write=moodle_writing.write,
        recognises=moodle_reading.recognises,
    ),
    Format(
        name="qti21",
        label=M("IMS QTI 2.1"),
        endings=("zip", "xml"),
        media_type="application/zip",
        read=qti_reading.read,
        write=qti_packaging.write_21,
        recognises=qti_reading.recognises,
    ),
    Format(
        name="qti22",
        label=M("IMS QTI 2.2"),
        endings=("zip", "xml"),
        media_type="application/zip",
        read=qti_reading.read,
        write=qti_packaging.write_22,
        recognises=qti_reading.recognises,
    ),
    Format(
        name="gift",
        label=M("Moodle GIFT"),
        endings=("gift", "txt"),
        media_type="text/plain",
        read=gift_reading.read,
        write=gift_writing.write,
        recognises=gift_reading.recognises,
    ),
    Format(
        name="aiken",
        label=M("Moodle Aiken"),
        endings=("txt",),
        media_type="text/plain",
        read=aiken.read,
        recognises=aiken.recognises,
    ),
    Format(
        name="table_text",
        label=M("表格（文本文件）"),
        endings=("txt",),
        media_type="text/plain",
        read_tables=parse_tables,
        recognises=text_tables.recognises,
    ),
    Format(
        name="text",
        label=M("文本文件"),
        endings=("txt",),
        media_type="text/plain",
        read=text_reading.read,
    ),
    Format(
        name="word",
        label=M("Word 文档"),
        endings=("docx",),
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        read=word_reading.read,
    ),
)
BY_NAME = {one.name: one for one in FORMATS}


def is_table(filename: str) -> bool:
    """Say whether a file, by its ending, is a table with rows and columns."""
    ending = filename.lower().rsplit(".", 1)[-1]
    return any(ending in one.endings for one in FORMATS if one.read_tables is not None)


def format_of(content: bytes, filename: str, name: str = "") -> Format:
    """Return the format that a file is read by: the one named, else by ending and content.

    Raises UnreadableFile when none takes it.
    """
    if name:
        named = BY_NAME.get(name)
        if named is None or not named.is_readable:
            raise UnreadableFile(M("没有这种格式：%(name)s", name=name))
        return named
    ending = filename.lower().rsplit(".", 1)[-1] if "." in filename else ""
    candidates = [one for one in FORMATS if ending in one.endings and one.is_readable]
    for one in candidates:
        if len(candidates) == 1 or one.recognises is None or one.recognises(content):
            return one
    raise UnreadableFile(M("不支持这种文件。可以上传的格式见页面说明，可先下载模板。"))
