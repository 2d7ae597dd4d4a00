"""Word documents in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from quizapp.bank.documents import document as plain_document
from quizapp.bank.formats import headings
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.formats.text.lines import Kind, Line, heading_of
from quizapp.bank.formats.text.reading import check_found, parse_lines
from quizapp.bank.questions import QuestionType
from quizapp.files.references import digests_in
from quizapp.imports import limits
from quizapp.imports.rows import find_layout
from quizapp.imports.tables import Problem, Table, UnreadableFile
from quizapp.messages import M, Message

_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_KIND_NAMES = {
    QuestionType.SINGLE: "单选题", QuestionType.MULTIPLE: "多选题", QuestionType.TRUE_FALSE: "判断题",
}  # fmt: skip


def read(content: bytes, _filename: str = "") -> ParsedBank:
    """Return the questions of a document. Raises UnreadableFile."""
    limits.check_document(content)
    try:
        _check_parts(content)
        lines, tables, refused, pictures = _opened(content)
    except UnreadableFile:
        raise
    except Exception as error:  # the parser raises what it likes on a broken document
        raise UnreadableFile(M("文档已损坏，打不开。请在 Word 或 WPS 中打开确认后另存，再上传。")) from error
    typed = parse_lines(lines)
    listed = parse_tables(tables) if tables else ParsedBank((), ())
    parsed = ParsedBank(
        typed.questions + listed.questions,
        (*typed.refused, *listed.refused, *refused),
        typed.repaired + listed.repaired,
    )
    check_found(parsed)
    used = digests_in([str(plain_document(one.content)) for one in parsed.questions])
    return ParsedBank(
        parsed.questions,
        parsed.refused,
        parsed.repaired,
        {digest: picture for digest, picture in pictures.items() if digest in used},
    )


def _check_parts(content: bytes) -> None:
    """Refuse declarations of types and entities, which no word processor writes, before XML is parsed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if member.filename.endswith((".xml", ".rels", ".vml")):
                _check_part(archive.read(member))


def _check_part(part: bytes) -> None:
    text = part.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = _ENCODING.search(text[:200])
    is_plain = text.startswith(b"<") and b"\0" not in text[:200]
    is_utf8 = declared is None or declared[1].lower() in {b"utf-8", b"us-ascii"}
    if not (is_plain and is_utf8) or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise UnreadableFile(M("文档里有不该有的声明，已拒绝。请在 Word 或 WPS 中打开确认后另存，再上传。"))


def _opened(content: bytes) -> tuple[list[Line], list[Table], list[Problem], dict[str, Any]]:
    import docx  # noqa: PLC0415 - loaded in the child alone

    from quizapp.bank.formats.word.numbering import Numbering  # noqa: PLC0415 - as above
    from quizapp.bank.formats.word.paragraphs import Paragraphs  # noqa: PLC0415 - as above

    opened = docx.Document(io.BytesIO(content))
    roots = {
        relation.reltype.rsplit("/", 1)[-1]: relation.target_part.element
        for relation in opened.part.rels.values()
        if not relation.is_external and hasattr(relation.target_part, "element")
    }
    numbering = Numbering.of(roots.get("numbering"), roots.get("styles"))
    body = _Body(Paragraphs(opened.part, numbering))
    body.read(opened.element.body)
    return body.lines, body.tables, body.refused, body.paragraphs.pictures


@dataclass
class _Body:
    """Goes through what stands in a document, from top to bottom."""

    paragraphs: Any
    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    number: int = 0
    heading: Kind | None = None

    def read(self, element: Any) -> None:
        """Take every paragraph and table in an element."""
        for child in element:
            name = str(child.tag).rsplit("}", 1)[-1]
            if name == "p":
                self._take(self._texts(child))
            elif name == "tbl":
                self._take_table(child)
            elif name in {"sdt", "sdtContent", "ins", "customXml", "smartTag"}:
                self.read(child)

    def _texts(self, paragraph: Any) -> list[Line]:
        """Return the lines of a paragraph; they have its number in the document."""
        self.number += 1
        text, fault = self.paragraphs.read(paragraph)
        first, *others = text.split("\n")
        return [Line(self.number, first, fault), *(Line(self.number, other) for other in others)]

    def _take(self, lines: list[Line]) -> None:
        for line in lines:
            self.heading = heading_of(line.text.strip()) or self.heading
        self.lines += lines

    def _take_table(self, element: Any) -> None:
        rows = [[self._cell(cell) for cell in _children(row, "tc")] for row in _children(element, "tr")]
        cells = tuple(tuple(_joined(cell) for cell in row) for row in rows)
        table = Table(self._name(), cells)
        if find_layout(table, headings.field_of, (headings.STEM, headings.KEY)) is None:
            for row in rows:
                self._take(_as_lines(row))
            return
        faults = {number: _fault(row) for number, row in enumerate(rows, start=1)}
        for number, fault in faults.items():
            if fault:
                self.refused.append(Problem(reason=fault, sheet=table.sheet, row=number))
        kept = tuple(() if faults[number] else row for number, row in enumerate(cells, start=1))
        self.tables.append(Table(table.sheet, kept))

    def _name(self) -> str:
        """A table without a column for the type has the one of the heading above it."""
        kind = _KIND_NAMES.get(self.heading.type) if self.heading and self.heading.type else None
        number = len(self.tables) + 1
        return f"{kind}（表格 {number}）" if kind else f"表格 {number}"

    def _cell(self, cell: Any) -> list[Line]:
        return [line for paragraph in _paragraphs(cell) for line in self._texts(paragraph)]


def _children(element: Any, name: str) -> Iterator[Any]:
    """Yield the rows or cells of an element, also those in content controls."""
    for child in element:
        found = str(child.tag).rsplit("}", 1)[-1]
        if found == name:
            yield child
        elif found in {"sdt", "sdtContent", "ins", "customXml"}:
            yield from _children(child, name)


def _paragraphs(cell: Any) -> Iterator[Any]:
    """Yield the paragraphs of a cell, also those of a table inside it."""
    for child in cell:
        name = str(child.tag).rsplit("}", 1)[-1]
        if name == "p":
            yield child
        elif name in {"sdt", "sdtContent", "tbl", "tr", "tc", "ins", "customXml"}:
            yield from _paragraphs(child)


def _joined(cell: list[Line]) -> str:
    return "\n".join(line.text for line in cell).strip()


def _fault(row: list[list[Line]]) -> Message | None:
    return next((line.fault for cell in row for line in cell if line.fault), None)


def _as_lines(row: list[list[Line]]) -> list[Line]:
    """A row of short cells is one line, as where options stand side by side."""
    cells = [[line for line in cell if line.text.strip() or line.fault] for cell in row]
    if all(len(cell) <= 1 for cell in cells):
        lines = [cell[0] for cell in cells if cell]
        text = "\t".join(line.text for line in lines)
        return [Line(lines[0].number, text, _fault([lines]))] if lines else []
    return [line for cell in cells for line in cell]
