"""Moodle XML in. What is carried where: `quizapp.bank.formats.moodle.marks`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import Element

from quizapp.bank.formats.carried import Carried
from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.moodle import answers, marks
from quizapp.bank.formats.moodle.cloze import cloze
from quizapp.bank.formats.moodle.source import Source
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.formats.xmltree import children, local, parse_xml
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.imports.limits import MOST_ROWS
from quizapp.imports.tables import Problem, UnreadableFile
from quizapp.messages import M, Message

LONGEST_VALUE_SHOWN = 120
_QUIZ = re.compile(rb"<quiz[\s>/]")

_KINDS: MappingProxyType[str, Callable[[Source], dict[str, Any]]] = MappingProxyType(
    {
        "multichoice": answers.choice,
        "multichoiceset": answers.choice,
        "truefalse": answers.true_false,
        "shortanswer": answers.short_answer,
        "numerical": answers.numerical,
        "cloze": cloze,
        "multianswer": cloze,
    }
)


def recognises(content: bytes) -> bool:
    """Say whether a file looks like Moodle XML."""
    return _QUIZ.search(content[:4096].replace(b"\0", b"")) is not None


def read(content: bytes, _filename: str = "") -> ParsedBank:
    """Return the questions of a file. Raises UnreadableFile when it is no Moodle XML."""
    root = parse_xml(content)
    if local(root) != "quiz":
        raise UnreadableFile(M("这个 XML 文件不是 Moodle 题库（最外层不是 quiz）。"))
    reader = _Reader()
    for number, element in enumerate(children(root, "question"), start=1):
        if number > MOST_ROWS:
            raise UnreadableFile(M("题目太多，一个文件最多 %(most)s 题，请拆分后再上传。", most=MOST_ROWS))
        reader.take(number, element)
    return reader.bank()


@dataclass(slots=True)
class _Case:
    """A description that announces a case, and the parts met so far by their numbers."""

    number: int
    sheet: str
    content: QuestionContent
    size: int
    parts: dict[int, QuestionContent] = field(default_factory=dict)


class _Reader:
    def __init__(self) -> None:
        self.sheet = ""
        self.carried = Carried()
        self.questions: list[ParsedQuestion] = []
        self.refused: list[Problem] = []
        self.repaired: list[Problem] = []
        self.cases: dict[str, _Case] = {}
        self.parts: list[tuple[int, str, str, int, QuestionContent | None]] = []

    def take(self, number: int, element: Element) -> None:
        source = Source(element, self.carried)
        if source.kind == "category":
            self.sheet = source.value("category")[:LONGEST_VALUE_SHOWN]
            return
        try:
            self._take_question(number, source)
        except BadQuestion as error:
            self._refuse(number, self.sheet, error.message, _shown(source))

    def _take_question(self, number: int, source: Source) -> None:
        case, part = _place(source, marks.CASE), _place(source, marks.PART)
        if case:
            self._take_case(number, source, *case)
        elif source.kind == "description":
            self._remark(number, M("说明文字不是题目，没有导入；如果后面的题要看它，请写进那些题的题干。"))
        elif source.is_on("hidden"):
            self._remark(number, M("在 Moodle 里已隐藏（删除）的题，没有导入。"))
        elif part:
            self._take_part(number, source, *part)
        else:
            content = _content(source)
            check_question(content)
            self.questions.append(ParsedQuestion(self.sheet, number, content))
            for remark in source.remarks:
                self._remark(number, remark)

    def _take_case(self, number: int, source: Source, name: str, size: int) -> None:
        if name in self.cases:
            raise BadQuestion(M("文件里有两个同样标记的案例题。"))
        content = QuestionContent(type=QuestionType.CASE, stem=source.stem(), **source.details())
        self.cases[name] = _Case(number, self.sheet, content, size)

    def _take_part(self, number: int, source: Source, name: str, place: int) -> None:
        """Keep a part until the whole file is read: Moodle exports in an order of its own."""
        content = None
        try:
            content = _content(source)
        finally:
            self.parts.append((number, self.sheet, name, place, content))
        for remark in source.remarks:
            self._remark(number, remark)

    def _refuse(self, number: int, sheet: str, reason: Message, value: str = "") -> None:
        self.refused.append(
            Problem(reason=reason, sheet=sheet, row=number, value=value[:LONGEST_VALUE_SHOWN])
        )

    def _remark(self, number: int, remark: Message) -> None:
        self.repaired.append(Problem(reason=remark, sheet=self.sheet, row=number))

    def bank(self) -> ParsedBank:
        self._join_parts()
        for case in self.cases.values():
            self._finish(case)
        if not self.questions and not self.refused:
            raise UnreadableFile(M("文件里没有题目。"))
        self.questions.sort(key=lambda question: question.row)
        self.refused.sort(key=lambda problem: problem.row)
        pictures = self.carried.shown_in(question.content for question in self.questions)
        return ParsedBank(tuple(self.questions), tuple(self.refused), tuple(self.repaired), pictures)

    def _join_parts(self) -> None:
        for number, sheet, name, place, content in self.parts:
            case = self.cases.get(name)
            if case is None or place in case.parts:
                self._refuse(number, sheet, M("这是案例题的小题，但文件里没有它的材料。"))
            elif content is not None:
                case.parts[place] = replace(
                    content, source="", tags=(), roles=(), difficulty=type(content.difficulty).MEDIUM, code=""
                )

    def _finish(self, case: _Case) -> None:
        if sorted(case.parts) != list(range(1, case.size + 1)):
            self._refuse(
                case.number,
                case.sheet,
                M("案例题的小题不全：应有 %(size)s 题。", size=case.size),
                case.content.stem,
            )
            return
        content = replace(case.content, parts=tuple(case.parts[place] for place in sorted(case.parts)))
        try:
            check_question(content)
        except BadQuestion as error:
            self._refuse(case.number, case.sheet, error.message, content.stem)
        else:
            self.questions.append(ParsedQuestion(case.sheet, case.number, content))


def _content(source: Source) -> QuestionContent:
    read_as = _KINDS.get(source.kind)
    if read_as is None:
        what = marks.UNUSABLE.get(source.kind)
        name = [what] if what else source.kind[:40] or "?"
        raise BadQuestion(M("本系统没有这种题型：%(kind)s", kind=name))
    return QuestionContent(**read_as(source))


def _place(source: Source, mark: str) -> tuple[str, int] | None:
    """Return the case that a tag names and the number behind it."""
    for tag in source.tags():
        found = marks.PLACE.fullmatch(tag.removeprefix(mark)) if tag.startswith(mark) else None
        if found:
            return found[1], int(found[2])
    return None


def _shown(source: Source) -> str:
    return source.value("name") or source.value("questiontext")
