"""Questions in a table, one a row, as in .xlsx and .csv banks: headings by synonyms, options in columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quizapp.bank.formats import headings
from quizapp.bank.formats.headings import (
    CODE,
    DIFFICULTY,
    EXPLANATION,
    KEY,
    OPTION,
    ROLES,
    SOURCE,
    STEM,
    TAGS,
    TYPE,
)
from quizapp.bank.formats.keys import BadKey, read_key
from quizapp.bank.questions import (
    MOST_OPTIONS,
    TRUE_FALSE_OPTIONS,
    Difficulty,
    QuestionContent,
    QuestionType,
    normalise,
)
from quizapp.imports.tables import Problem, Table, UnreadableFile, column_letter
from quizapp.messages import M, Message

#: Titles and notes may stand above the headings.
ROWS_ABOVE_HEADINGS = 10
LEAST_OPTIONS = 2
LONGEST = {STEM: 2000, OPTION: 500, EXPLANATION: 2000, SOURCE: 240, CODE: 60, TAGS: 240}
_LIST = re.compile(r"[\s,，、;；|/]+")
_STEM_NUMBER = re.compile(r"^\s*\d{1,4}\s*[.、．)）](?!\d)\s*")


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question with the place it was read from."""

    sheet: str
    row: int
    content: QuestionContent


@dataclass(frozen=True, slots=True)
class ParsedBank:
    """What a file holds: its questions, the rows that cannot be used, and what was repaired."""

    questions: tuple[ParsedQuestion, ...]
    refused: tuple[Problem, ...]
    repaired: tuple[Problem, ...] = ()


class _Refusal(Exception):
    """One reason why a row cannot be used, with the column (from 1) that it lies in."""

    def __init__(self, message: Message, column: int) -> None:
        super().__init__(str(message))
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column (from 1) holds what; options in their order."""

    heading_row: int
    columns: dict[str, int]
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row under its headings."""

    table: Table
    layout: _Layout
    number: int
    cells: Sequence[str]

    def column(self, field: str) -> int:
        """Return the field's column, 0 when the table has none."""
        return self.layout.columns.get(field, 0)

    def at(self, column: int) -> str:
        """Return a column's text without the space around it."""
        return self.cells[column - 1].strip(" \t\r\n\u3000\xa0") if 0 < column <= len(self.cells) else ""

    def text(self, field: str) -> str:
        """Return a field's text; refuse one that is too long."""
        found = self.at(self.column(field))
        if len(found) > LONGEST.get(field, LONGEST[STEM]):
            raise _Refusal(M("文字过长，最多 %(most)s 字。", most=LONGEST[field]), self.column(field))
        return found


def parse_tables(tables: Iterable[Table]) -> ParsedBank:
    """Return the questions in all sheets that have known headings.

    Raises UnreadableFile when no sheet has them, or none has a question under them.
    """
    questions: list[ParsedQuestion] = []
    refused: list[Problem] = []
    repaired: list[Problem] = []
    known = False
    for table in tables:
        layout = _find_layout(table)
        if layout is None:
            if any(True for _ in table.numbered()):
                repaired.append(
                    Problem(reason=M("这个工作表没有题干和答案两栏，已略过。"), sheet=table.sheet)
                )
            continue
        known = True
        _parse_sheet(table, layout, questions, refused, repaired)
    if not known:
        raise UnreadableFile(M("没有找到表头：至少要有“题干”和“答案”两栏。请对照模板修改后再上传。"))
    if not questions and not refused:
        raise UnreadableFile(M("表头下面没有题目。请填写后再上传。"))
    return ParsedBank(tuple(questions), tuple(refused), tuple(repaired))


def _find_layout(table: Table) -> _Layout | None:
    for number, row in table.numbered():
        if number > ROWS_ABOVE_HEADINGS:
            break
        columns: dict[str, int] = {}
        options: dict[int, int] = {}
        for column, heading in enumerate(row, start=1):
            found = headings.field_of(heading)
            if found and found[0] == OPTION:
                options.setdefault(found[1], column)
            elif found:
                columns.setdefault(found[0], column)
        if STEM in columns and KEY in columns:
            return _Layout(number, columns, tuple(options[place] for place in sorted(options)))
    return None


def _parse_sheet(
    table: Table,
    layout: _Layout,
    questions: list[ParsedQuestion],
    refused: list[Problem],
    repaired: list[Problem],
) -> None:
    for number, cells in table.numbered():
        if number <= layout.heading_row:
            continue
        line = _Line(table, layout, number, cells)
        try:
            content, remarks = _parse_line(line)
        except _Refusal as refusal:
            refused.append(_problem(line, refusal.column, refusal.message))
            continue
        questions.append(ParsedQuestion(table.sheet, number, content))
        repaired.extend(_problem(line, line.column(STEM), remark) for remark in remarks)


def _problem(line: _Line, column: int, reason: Message) -> Problem:
    return Problem(
        reason=reason,
        sheet=line.table.sheet,
        row=line.number,
        column=column_letter(column),
        value=line.at(column)[:120],
    )


def _parse_line(line: _Line) -> tuple[QuestionContent, list[Message]]:
    kind = _type(line)
    stem = _STEM_NUMBER.sub("", line.text(STEM))
    if not normalise(stem):
        raise _Refusal(M("题干是空的。"), line.column(STEM))
    options = _options(line, kind)
    key = _key(line, kind, options)
    stem, remarks = _without_key(stem, key, kind)
    content = QuestionContent(
        type=kind,
        stem=stem,
        options=TRUE_FALSE_OPTIONS if kind is QuestionType.TRUE_FALSE else options,
        key=key,
        explanation=line.text(EXPLANATION),
        source=line.text(SOURCE),
        tags=tuple(dict.fromkeys(word for word in _LIST.split(line.text(TAGS)) if word)),
        difficulty=_difficulty(line),
        roles=_roles(line),
        code=_code(line.text(CODE)),
    )
    return content, remarks


def _type(line: _Line) -> QuestionType:
    column = line.column(TYPE)
    text = line.at(column) if column else line.table.sheet
    kind = headings.TYPES.get(headings.plain(text))
    if kind is not None:
        return kind
    if not text:
        raise _Refusal(M("题型是空的，可填：单选题、多选题、判断题。"), column)
    raise _Refusal(M("不认识这种题型，可填：单选题、多选题、判断题。"), column)


def _options(line: _Line, kind: QuestionType) -> tuple[str, ...]:
    texts = [_without_letter(line.at(column), place) for place, column in enumerate(line.layout.options)]
    while texts and not texts[-1]:
        texts.pop()
    if kind is QuestionType.TRUE_FALSE:
        return tuple(texts)
    first = line.layout.options[0] if line.layout.options else 0
    if len(texts) < LEAST_OPTIONS:
        raise _Refusal(M("选择题至少要有两个选项（选项A、选项B……各占一栏）。"), first)
    if len(texts) > MOST_OPTIONS:
        raise _Refusal(M("选项最多 %(most)s 个。", most=MOST_OPTIONS), first)
    _check_options(line, texts)
    return tuple(texts)


def _check_options(line: _Line, texts: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for place, text in enumerate(texts):
        column = line.layout.options[place]
        if not text:
            raise _Refusal(M("选项%(letter)s 是空的，后面却还有选项。", letter=chr(ord("A") + place)), column)
        if len(text) > LONGEST[OPTION]:
            raise _Refusal(M("文字过长，最多 %(most)s 字。", most=LONGEST[OPTION]), column)
        twin = seen.setdefault(unicodedata.normalize("NFKC", text).casefold(), place)
        if twin != place:
            letters = {"one": chr(ord("A") + twin), "other": chr(ord("A") + place)}
            raise _Refusal(M("选项%(one)s 和选项%(other)s 的文字相同。", **letters), column)


def _without_letter(text: str, place: int) -> str:
    """Some banks repeat the letter in the cell: “A. 停止作业”."""
    letter = chr(ord("A") + place)
    return re.sub(rf"^[{letter}{chr(ord(letter) + 0xFEE0)}]\s*[.、．:：)）]\s*", "", text)


def _key(line: _Line, kind: QuestionType, options: Sequence[str]) -> tuple[int, ...]:
    column = line.column(KEY)
    oddity = line.table.odd.get((line.number, column))
    if oddity == "date":
        raise _Refusal(M("答案单元格是日期，原来的答案已无法还原，请改为文本后重填。"), column)
    if oddity:
        raise _Refusal(M("答案单元格是小数或错误值，请改为文本后重填。"), column)
    try:
        return read_key(kind, line.at(column), options)
    except BadKey as error:
        raise _Refusal(error.message, column) from error


def _without_key(stem: str, key: Sequence[int], kind: QuestionType) -> tuple[str, list[Message]]:
    """Blank an answer that stands inside the stem: learners would see it. Other brackets stay."""
    if kind is QuestionType.TRUE_FALSE:
        return stem, []
    letters = "".join(chr(ord("A") + place) for place in key)
    pattern = r"[（(]\s*" + r"[\s,，、]*".join(letters) + r"\s*[）)]"
    blanked, count = re.subn(pattern, "（　）", unicodedata.normalize("NFC", stem))
    return (blanked, [M("题干里写着答案，已改为空括号。")]) if count else (stem, [])


def _difficulty(line: _Line) -> Difficulty:
    text = line.at(line.column(DIFFICULTY))
    if not text:
        return Difficulty.MEDIUM
    level = headings.DIFFICULTIES.get(headings.plain(text))
    if level is None:
        raise _Refusal(M("不认识这个难度，可填：易、中、难。"), line.column(DIFFICULTY))
    return level


def _roles(line: _Line) -> tuple[str, ...]:
    found = []
    for word in _LIST.split(line.at(line.column(ROLES))):
        role = headings.ROLE_WORDS.get(headings.plain(word))
        if role:
            found.append(role)
        elif word:
            raise _Refusal(
                M("不认识这个岗位，可填：关键岗位人员、安全管理人员、主要负责人。"), line.column(ROLES)
            )
    return tuple(dict.fromkeys(found))


def _code(text: str) -> str:
    """A number with a letter names the question; a bare 1, 2, 3 only counts the rows of its file."""
    return text if re.search(r"[A-Za-z]", text) else ""
