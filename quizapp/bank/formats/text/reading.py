"""Typed banks in."""

from __future__ import annotations

from collections.abc import Iterable

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.decoding import decode
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.formats.text.drafts import CaseDraft, case_content, question_content
from quizapp.bank.formats.text.gathering import Gathering
from quizapp.bank.formats.text.lines import Line
from quizapp.bank.formats.text.looks import Looks
from quizapp.files.references import digests_in
from quizapp.imports.tables import Problem, UnreadableFile
from quizapp.messages import M

MOST_LINES = 500_000
MOST_QUESTIONS = 200_000


def read(content: bytes, _filename: str = "") -> ParsedBank:
    """Return the questions of a text file. Raises UnreadableFile when none is found."""
    lines = decode(content).split("\n")
    parsed = parse_lines(_line(number, text) for number, text in enumerate(lines, start=1))
    check_found(parsed)
    return parsed


def _line(number: int, text: str) -> Line:
    """A text that looks like a reference would show a picture that this file did not bring."""
    is_reference = bool(digests_in([text]))
    return Line(number, text, M("题目引用了文件之外的图片，请把图片放进文件里。") if is_reference else None)


def check_found(parsed: ParsedBank) -> None:
    """Raise UnreadableFile when nothing looked like a question."""
    if not parsed.questions and not parsed.refused:
        raise UnreadableFile(
            M("没有认出题目：题干前要有题号（如“1.”），选项前要有字母（如“A.”），并写出“答案：”。")
        )


def parse_lines(lines: Iterable[Line]) -> ParsedBank:
    """Return the questions that lines make up. Raises UnreadableFile when there are too many."""
    looks = Looks(lines)
    if len(looks.lines) > MOST_LINES:
        raise UnreadableFile(M("文件超过 %(most)s 行，请拆分后再上传。", most=MOST_LINES))
    gathering = Gathering(looks)
    gathering.gather()
    if len(gathering.found) > MOST_QUESTIONS:
        raise UnreadableFile(M("题目超过 %(most)s 道，请拆分后再上传。", most=MOST_QUESTIONS))
    questions, refused, repaired = [], gathering.refused, gathering.remarks()
    for draft in gathering.found:
        try:
            content, remarks = (
                (case_content(draft), [M("下面的 %(count)s 道小题归入这个案例。", count=len(draft.parts))])
                if isinstance(draft, CaseDraft)
                else question_content(draft)
            )
        except BadQuestion as error:
            refused.append(Problem(reason=error.message, row=draft.line, value=draft.title))
            continue
        questions.append(ParsedQuestion("", draft.line, content))
        repaired += [Problem(reason=remark, row=draft.line, value=draft.title) for remark in remarks]
    return ParsedBank(tuple(questions), tuple(refused), tuple(repaired))
