"""Questions in a table, one a row, as in .xlsx, .xls, .ods and .csv: headings by synonyms, in any order.

Consecutive rows with the same number in 案例编号, or the same text in 案例, are the parts of one case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from quizapp.bank.formats import headings as h
from quizapp.bank.formats.cells import PictureReader, PictureShelf
from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.columns import Columns, NoColumns, find_columns
from quizapp.bank.formats.fields import Case, RowFields
from quizapp.bank.formats.kinds import Kind, kind_in_title, section_kind
from quizapp.bank.formats.lines import Row, RowParser
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.imports.rows import Line
from quizapp.imports.tables import Problem, Table, UnreadableFile
from quizapp.messages import M, Message


def parse_tables(tables: Iterable[Table]) -> ParsedBank:
    """Return the questions in all sheets that have known headings.

    Raises UnreadableFile when no sheet has them, or none has a question under them.
    """
    bank = _Bank()
    for table in tables:
        bank.read(table)
    if not bank.is_known:
        raise UnreadableFile(M("没有找到表头：至少要有“题干”和“答案”两栏。请对照模板修改后再上传。"))
    if not bank.questions and not bank.refused:
        raise UnreadableFile(M("表头下面没有题目。请填写后再上传。"))
    return ParsedBank(tuple(bank.questions), tuple(bank.refused), tuple(bank.repaired), bank.shelf.kept)


@dataclass
class _Bank:
    """What has been read so far."""

    questions: list[ParsedQuestion] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    repaired: list[Problem] = field(default_factory=list)
    shelf: PictureShelf = field(default_factory=PictureShelf)
    #: Whether any sheet has headings.
    is_known: bool = False

    def read(self, table: Table) -> None:
        try:
            columns = find_columns(table)
        except NoColumns as error:
            self.is_known = True
            self.refused.append(
                Problem(reason=error.message, sheet=table.sheet, row=error.row, column=error.column)
            )
            return
        if columns is None:
            if any(True for _ in table.numbered()):
                remark = M("这个工作表没有题干和答案两栏，已略过。")
                self.repaired.append(Problem(reason=remark, sheet=table.sheet))
            return
        self.is_known = True
        pictures = PictureReader(table, self.shelf)
        for rows in _together(self._rows(table, columns, pictures)):
            self._take(rows, columns)
        self.repaired.extend(
            Problem(reason=remark, sheet=table.sheet, row=row, column=column)
            for row, column, remark in pictures.left()
        )

    def _rows(self, table: Table, columns: Columns, pictures: PictureReader) -> Iterable[Row]:
        kind = kind_in_title(table.sheet)
        for number, cells in table.numbered():
            if number <= columns.layout.heading_row:
                continue
            section = section_kind(cells)
            if section is not None or _repeats_headings(cells, columns):
                kind = section or kind
                continue
            line = Line(table, columns.layout, number, cells)
            found = self._row(line, columns, pictures, kind)
            if isinstance(found, Row):
                yield found
            else:
                self.refused.extend(found)

    @staticmethod
    def _row(line: Line, columns: Columns, pictures: PictureReader, kind: Kind | None) -> Row | list[Problem]:
        return RowParser(RowFields(line, columns, pictures), kind).read()

    def _take(self, rows: Sequence[Row], columns: Columns) -> None:
        """Keep a question, or a case with its parts."""
        first = rows[0]
        remarks = [(row.line, remark) for row in rows for remark in row.remarks]
        content = first.content
        if first.case is not None:
            try:
                content = _case(rows, first.case)
                check_question(content)
            except BadQuestion as error:
                column = first.line.column(h.CASE) or first.line.column(h.CASE_NUMBER)
                self.refused.append(first.line.problem(column, error.message))
                return
            if any(_about(row.content) not in (_about(first.content), _NOTHING_ABOUT) for row in rows[1:]):
                remarks.append((first.line, M("案例题的编号、依据、难度以第一个小题的一行为准。")))
        self.questions.append(ParsedQuestion(first.line.table.sheet, first.line.number, content))
        stem = columns.layout.columns[h.STEM]
        self.repaired.extend(line.problem(stem, remark) for line, remark in remarks)


def _repeats_headings(cells: Sequence[str], columns: Columns) -> bool:
    """Some tables are pasted together, headings and all."""
    stem = columns.layout.columns[h.STEM]
    if stem > len(cells) or h.field_of(cells[stem - 1]) != h.STEM:
        return False
    found = [
        h.field_of(cells[column - 1]) == name
        for name, column in columns.layout.columns.items()
        if column <= len(cells) and cells[column - 1].strip()
    ]
    return len(found) > 1 and all(found)


def _together(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Yield each row alone, but the parts of one case together."""
    group: list[Row] = []
    for row in rows:
        if group and not _is_same_case(group[-1].case, row.case):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _is_same_case(one: Case | None, other: Case | None) -> bool:
    if one is None or other is None or one.number != other.number:
        return False
    return bool(one.number) or one.text == other.text


def _case(rows: Sequence[Row], first: Case) -> QuestionContent:
    """Return the case that rows are the parts of. Raises BadQuestion."""
    cases = [row.case for row in rows if row.case]
    texts = {case.text: None for case in cases if case.text}
    if len(texts) != 1:
        reason = M("案例材料是空的。") if not texts else _differing(first)
        raise BadQuestion(reason)
    contents = [row.content for row in rows]
    return QuestionContent(
        type=QuestionType.CASE,
        stem=next(iter(texts)),
        parts=tuple(_part(content) for content in contents),
        explanation=next((case.explanation for case in cases if case.explanation), ""),
        source=contents[0].source,
        tags=tuple(dict.fromkeys(tag for content in contents for tag in content.tags)),
        difficulty=contents[0].difficulty,
        roles=tuple(dict.fromkeys(role for content in contents for role in content.roles)),
        code=contents[0].code,
    )


def _differing(first: Case) -> Message:
    return M("案例编号 %(number)s 下面有不同的材料，请核对。", number=first.number)


def _part(content: QuestionContent) -> QuestionContent:
    about = _PLAIN
    return replace(
        content, source=about.source, tags=(), difficulty=about.difficulty, roles=(), code=about.code
    )


_PLAIN = QuestionContent(type=QuestionType.SINGLE, stem="")


def _about(content: QuestionContent) -> tuple[object, ...]:
    return content.source, content.difficulty, content.code


_NOTHING_ABOUT = _about(_PLAIN)
