"""Questions in a table, one a row, as in .xlsx and .csv banks: headings by synonyms, options in columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

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
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.questions import (
    MOST_OPTIONS,
    TRUE_FALSE_OPTIONS,
    Difficulty,
    QuestionContent,
    QuestionType,
    normalise,
)
from quizapp.imports.rows import Layout, Line, Refusal, find_layout, plain
from quizapp.imports.tables import Problem, Table, UnreadableFile
from quizapp.messages import M, Message

LEAST_OPTIONS = 2
LONGEST = {STEM: 2000, OPTION: 500, EXPLANATION: 2000, SOURCE: 240, CODE: 60, TAGS: 240}
_LIST = re.compile(r"[\s,，、;；|/]+")
_STEM_NUMBER = re.compile(r"^\s*\d{1,4}\s*[.、．)）](?!\d)\s*")


def parse_tables(tables: Iterable[Table]) -> ParsedBank:
    """Return the questions in all sheets that have known headings.

    Raises UnreadableFile when no sheet has them, or none has a question under them.
    """
    questions: list[ParsedQuestion] = []
    refused: list[Problem] = []
    repaired: list[Problem] = []
    known = False
    for table in tables:
        layout = find_layout(table, headings.field_of, (STEM, KEY))
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


def _parse_sheet(
    table: Table,
    layout: Layout,
    questions: list[ParsedQuestion],
    refused: list[Problem],
    repaired: list[Problem],
) -> None:
    for number, cells in table.numbered():
        if number <= layout.heading_row:
            continue
        line = Line(table, layout, number, cells)
        try:
            content, remarks = _parse_line(line)
        except Refusal as refusal:
            refused.append(line.problem(refusal.column, refusal.message))
            continue
        questions.append(ParsedQuestion(table.sheet, number, content))
        repaired.extend(line.problem(line.column(STEM), remark) for remark in remarks)


def _parse_line(line: Line) -> tuple[QuestionContent, list[Message]]:
    kind = _type(line)
    stem = _STEM_NUMBER.sub("", line.text(STEM, LONGEST[STEM]))
    if not normalise(stem):
        raise Refusal(M("题干是空的。"), line.column(STEM))
    options = _options(line, kind)
    key = _key(line, kind, options)
    stem, remarks = _without_key(stem, key, kind)
    content = QuestionContent(
        type=kind,
        stem=stem,
        options=TRUE_FALSE_OPTIONS if kind is QuestionType.TRUE_FALSE else options,
        key=key,
        explanation=line.text(EXPLANATION, LONGEST[EXPLANATION]),
        source=line.text(SOURCE, LONGEST[SOURCE]),
        tags=tuple(dict.fromkeys(word for word in _LIST.split(line.text(TAGS, LONGEST[TAGS])) if word)),
        difficulty=_difficulty(line),
        roles=_roles(line),
        code=_code(line.text(CODE, LONGEST[CODE])),
    )
    return content, remarks


def _type(line: Line) -> QuestionType:
    column = line.column(TYPE)
    text = line.at(column) if column else line.table.sheet
    kind = headings.TYPES.get(plain(text))
    if kind is not None:
        return kind
    if not text:
        raise Refusal(M("题型是空的，可填：单选题、多选题、判断题。"), column)
    raise Refusal(M("不认识这种题型，可填：单选题、多选题、判断题。"), column)


def _options(line: Line, kind: QuestionType) -> tuple[str, ...]:
    columns = _option_columns(line.layout)
    texts = [_without_letter(line.at(column), place) for place, column in enumerate(columns)]
    while texts and not texts[-1]:
        texts.pop()
    if kind is QuestionType.TRUE_FALSE:
        return tuple(texts)
    first = columns[0] if columns else 0
    if len(texts) < LEAST_OPTIONS:
        raise Refusal(M("选择题至少要有两个选项（选项A、选项B……各占一栏）。"), first)
    if len(texts) > MOST_OPTIONS:
        raise Refusal(M("选项最多 %(most)s 个。", most=MOST_OPTIONS), first)
    _check_options(columns, texts)
    return tuple(texts)


def _option_columns(layout: Layout) -> list[int]:
    """Return the options' columns in the order of their letters."""
    fields = sorted(field for field in layout.columns if field.startswith(f"{OPTION}:"))
    return [layout.columns[field] for field in fields]


def _check_options(columns: Sequence[int], texts: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for place, text in enumerate(texts):
        column = columns[place]
        if not text:
            raise Refusal(M("选项%(letter)s 是空的，后面却还有选项。", letter=chr(ord("A") + place)), column)
        if len(text) > LONGEST[OPTION]:
            raise Refusal(M("文字过长，最多 %(most)s 字。", most=LONGEST[OPTION]), column)
        twin = seen.setdefault(unicodedata.normalize("NFKC", text).casefold(), place)
        if twin != place:
            letters = {"one": chr(ord("A") + twin), "other": chr(ord("A") + place)}
            raise Refusal(M("选项%(one)s 和选项%(other)s 的文字相同。", **letters), column)


def _without_letter(text: str, place: int) -> str:
    """Some banks repeat the letter in the cell: “A. 停止作业”."""
    letter = chr(ord("A") + place)
    return re.sub(rf"^[{letter}{chr(ord(letter) + 0xFEE0)}]\s*[.、．:：)）]\s*", "", text)


def _key(line: Line, kind: QuestionType, options: Sequence[str]) -> tuple[int, ...]:
    column = line.column(KEY)
    oddity = line.oddity(KEY)
    if oddity == "date":
        raise Refusal(M("答案单元格是日期，原来的答案已无法还原，请改为文本后重填。"), column)
    if oddity:
        raise Refusal(M("答案单元格是小数或错误值，请改为文本后重填。"), column)
    try:
        return read_key(kind, line.at(column), options)
    except BadKey as error:
        raise Refusal(error.message, column) from error


def _without_key(stem: str, key: Sequence[int], kind: QuestionType) -> tuple[str, list[Message]]:
    """Blank an answer that stands inside the stem: learners would see it. Other brackets stay."""
    if kind is QuestionType.TRUE_FALSE:
        return stem, []
    letters = "".join(chr(ord("A") + place) for place in key)
    pattern = r"[（(]\s*" + r"[\s,，、]*".join(letters) + r"\s*[）)]"
    blanked, count = re.subn(pattern, "（　）", unicodedata.normalize("NFC", stem))
    return (blanked, [M("题干里写着答案，已改为空括号。")]) if count else (stem, [])


def _difficulty(line: Line) -> Difficulty:
    text = line.at(line.column(DIFFICULTY))
    if not text:
        return Difficulty.MEDIUM
    level = headings.DIFFICULTIES.get(plain(text))
    if level is None:
        raise Refusal(M("不认识这个难度，可填：易、中、难。"), line.column(DIFFICULTY))
    return level


def _roles(line: Line) -> tuple[str, ...]:
    found = []
    for word in _LIST.split(line.at(line.column(ROLES))):
        role = headings.ROLE_WORDS.get(plain(word))
        if role:
            found.append(role)
        elif word:
            raise Refusal(
                M("不认识这个岗位，可填：关键岗位人员、安全管理人员、主要负责人。"), line.column(ROLES)
            )
    return tuple(dict.fromkeys(found))


def _code(text: str) -> str:
    """A number with a letter names the question; a bare 1, 2, 3 only counts the rows of its file."""
    return text if re.search(r"[A-Za-z]", text) else ""
