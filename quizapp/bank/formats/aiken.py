"""Moodle's Aiken: single choice, a stem, lettered options, and ``ANSWER: X``.

Follows the page “Aiken format” of Moodle's documentation (docs.moodle.org/en/Aiken_format). It comes in only:
it has a place for nothing else that a question here holds, so a bank written in it would not come back whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.decoding import decode, looked_at
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.imports.tables import Problem, UnreadableFile
from quizapp.messages import M

MOST_QUESTIONS = 200_000
_OPTION = re.compile(r"\s*([A-Z])[.)]\s(.*)")
_ANSWER = re.compile(r"\s*ANSWER:\s*(\S.*)?", re.IGNORECASE)
_LETTER = re.compile(r"[A-Z]")
_RECOGNISED = re.compile(r"^ANSWER: ?[A-Z][ \t]*$", re.MULTILINE)


def recognises(content: bytes) -> bool:
    """Say whether a text looks like Aiken: it has a line ``ANSWER: X``."""
    return bool(_RECOGNISED.search(looked_at(content)))


def read(content: bytes, _filename: str = "") -> ParsedBank:
    """Return the questions of a file. Raises UnreadableFile when it holds none."""
    questions, refused = [], []
    for number, block in enumerate(_blocks(decode(content)), start=1):
        if number > MOST_QUESTIONS:
            raise UnreadableFile(M("题目超过 %(most)s 道，请拆分后再上传。", most=MOST_QUESTIONS))
        try:
            question = _question(block)
            check_question(question)
        except BadQuestion as error:
            refused.append(Problem(reason=error.message, row=block.line, value=block.stem[:120]))
        else:
            questions.append(ParsedQuestion("", block.line, question))
    if not questions and not refused:
        raise UnreadableFile(M("文件里没有题目。"))
    return ParsedBank(tuple(questions), tuple(refused))


@dataclass(slots=True)
class _Block:
    """The lines of one question."""

    line: int
    stem_lines: list[str] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    answer: str | None = None

    @property
    def stem(self) -> str:
        """Return the stem."""
        return "\n".join(self.stem_lines)

    def take(self, line: str) -> None:
        """Take the next line."""
        option, answer = _OPTION.fullmatch(line), _ANSWER.fullmatch(line)
        if answer:
            self.answer = (answer[1] or "").strip()
        elif option and self.stem_lines:
            self.options.append((option[1], option[2].strip()))
        else:
            (self.strays if self.options else self.stem_lines).append(line.strip())


def _blocks(text: str) -> Iterator[_Block]:
    """Yield each question; its answer ends it, and a blank line that comes before one."""
    block: _Block | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            block = block or _Block(number)
            block.take(line)
        if block and (block.answer is not None or not line.strip()):
            yield block
            block = None
    if block:
        yield block


def _question(block: _Block) -> QuestionContent:
    if block.answer is None:
        raise BadQuestion(M("没有“ANSWER:”一行，看不出答案。"))
    if block.strays:
        raise BadQuestion(M("选项之间有不是选项的行；Aiken 的选项只能占一行，以“A.”或“A)”开头。"))
    letters = [letter for letter, _ in block.options]
    if letters != [chr(ord("A") + place) for place in range(len(letters))]:
        raise BadQuestion(M("选项的字母不连续或有重复。"))
    if not _LETTER.fullmatch(block.answer):
        raise BadQuestion(M("Aiken 的答案只能是一个大写字母；多选题请用表格或 GIFT。"))
    if block.answer not in letters:
        raise BadQuestion(M("答案里的 %(letters)s 没有对应的选项。", letters=block.answer))
    return QuestionContent(
        type=QuestionType.SINGLE,
        stem=block.stem,
        options=tuple(text for _, text in block.options),
        key=(letters.index(block.answer),),
    )
