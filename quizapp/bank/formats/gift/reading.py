"""GIFT in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.decoding import decode, looked_at
from quizapp.bank.formats.gift.answers import Answer, Answers, read_answers
from quizapp.bank.formats.gift.carried import Carried, read_comment
from quizapp.bank.formats.gift.joining import Piecewise, join_pieces
from quizapp.bank.formats.gift.markup import Markup, split_format
from quizapp.bank.formats.gift.stems import blanked
from quizapp.bank.formats.gift.syntax import Entry, entries, hide, show
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.questions import BLANK, TRUE_FALSE_OPTIONS, QuestionContent, QuestionType
from quizapp.imports.tables import Problem, UnreadableFile
from quizapp.messages import M, Message

MOST_QUESTIONS = 200_000
DEFAULT_FORMAT = "moodle"


def recognises(content: bytes) -> bool:
    """Say whether a text looks like GIFT: a pair of braces that holds an answer of one of its kinds."""
    for entry in entries(looked_at(content)):
        text = hide(entry.text)
        start, end = text.find("{"), text.rfind("}")
        inside = text[start + 1 : end].strip() if 0 <= start < end else ""
        if inside.startswith(("=", "~", "#")) or inside.split("#")[0].strip() in {"T", "F", "TRUE", "FALSE"}:
            return True
        if entry.category is not None or (text.startswith("::") and 0 <= start < end):
            return True
    return False


def read(content: bytes, _filename: str = "") -> ParsedBank:
    """Return the questions of a file. Raises UnreadableFile when it holds none."""
    reader = _Reader()
    for entry in entries(decode(content)):
        reader.take(entry)
    reader.finish()
    if not reader.questions and not reader.refused:
        raise UnreadableFile(M("文件里没有题目。"))
    return ParsedBank(
        tuple(reader.questions), tuple(reader.refused), tuple(reader.repaired), reader.markup.pictures
    )


@dataclass
class _Reader:
    """Goes through the entries of a file; pieces of one question wait until all of them are there."""

    questions: list[ParsedQuestion] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    repaired: list[Problem] = field(default_factory=list)
    markup: Markup = field(default_factory=Markup)
    category: tuple[str, ...] = ()
    waiting: list[Piecewise] = field(default_factory=list)
    seen: int = 0

    def take(self, entry: Entry) -> None:
        """Take the next entry."""
        if entry.category is not None:
            self.category = _tags_of(entry.category)
            return
        self.seen += 1
        if self.seen > MOST_QUESTIONS:
            raise UnreadableFile(M("题目超过 %(most)s 道，请拆分后再上传。", most=MOST_QUESTIONS))
        try:
            piece, remarks = _question(entry, self.markup, self.category)
        except BadQuestion as error:
            self._refuse(entry.line, error.message, entry.text)
            return
        if self.waiting and piece.begins:
            self.finish()
        self.waiting.append(piece)
        if self.waiting[-1].ends:
            self.finish()
        self.repaired += [
            Problem(reason=remark, row=entry.line, value=piece.content.stem[:120]) for remark in remarks
        ]

    def finish(self) -> None:
        """Bring together what waits."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        line = waiting[0].line
        try:
            content = join_pieces(waiting)
            check_question(content)
        except BadQuestion as error:
            self._refuse(line, error.message, waiting[0].content.stem)
        else:
            self.questions.append(ParsedQuestion("", line, content))

    def _refuse(self, line: int, reason: Message, text: str) -> None:
        self.refused.append(Problem(reason=reason, row=line, value=show(text)[:120]))


def _tags_of(category: str) -> tuple[str, ...]:
    """Return the names on a category's path; a doubled stroke stands for one in a name."""
    names = [name.replace("\0", "/").strip() for name in category.replace("//", "\0").split("/")]
    return tuple(dict.fromkeys(name for name in names if name and name != "top" and not name.startswith("$")))


def _question(entry: Entry, markup: Markup, category: tuple[str, ...]) -> tuple[Piecewise, list[Message]]:
    carried = read_comment(entry.carried)
    text = _without_title(hide(entry.text))
    form, text = split_format(text, DEFAULT_FORMAT)
    before, inside, after = _parted(text)
    found = read_answers(inside, fills=carried.fills)
    texts = _Texts(markup, form)
    options = texts.options(found)
    stem = texts.plain(f"{before}{BLANK}{after}") if after.strip() else texts.plain(before)
    explanation, remarks = texts.explanation(found, options)
    content = QuestionContent(
        type=found.type,
        stem=stem,
        options=options,
        key=found.key,
        explanation=explanation,
        source=carried.source,
        tags=tuple(dict.fromkeys((*category, *entry.tags))) if carried.tags is None else carried.tags,
        difficulty=carried.difficulty,
        roles=carried.roles,
        code=entry.id_number if carried.code is None else carried.code,
    )
    return Piecewise(entry.line, _filled(content, found, carried), carried.part, carried.space), remarks


def _filled(content: QuestionContent, found: Answers, carried: Carried) -> QuestionContent:
    if found.blank is None:
        return content
    blank = found.blank
    if carried.blank is not None and carried.blank.tolerance == blank.tolerance:
        blank = carried.blank
    stem = content.stem if carried.space else blanked(content.stem)
    return replace(content, stem=stem, blanks=(blank,))


def _without_title(text: str) -> str:
    if not text.startswith("::"):
        return text
    title, end, rest = text[2:].partition("::")
    return rest if end else title


def _parted(text: str) -> tuple[str, str, str]:
    """Return what stands before, between and after the braces."""
    before, opens, rest = text.partition("{")
    inside, closes, after = rest.partition("}")
    if not opens and "}" not in text:
        raise BadQuestion(M("这是说明文字（description），没有答案，不是题目。"))
    if not opens or not closes:
        raise BadQuestion(M("花括号 { } 不成对。"))
    if "{" in after or "}" in after or "{" in inside:
        raise BadQuestion(M("一道题里有几处花括号 { }，GIFT 只能有一处答案。"))
    return before, inside, after


@dataclass(frozen=True, slots=True)
class _Texts:
    """Reads the texts of one question in the format that it begins by naming."""

    markup: Markup
    form: str

    def plain(self, text: str) -> str:
        """Return a text as people read it."""
        form, text = split_format(text, self.form)
        return self.markup.plain(show(text), form)

    def options(self, found: Answers) -> tuple[str, ...]:
        """Return the options, none for what is filled in."""
        if found.type is QuestionType.TRUE_FALSE:
            return TRUE_FALSE_OPTIONS
        if found.type is QuestionType.FILL_IN:
            return ()
        return tuple(self.plain(answer.text) for answer in found.answers)

    def explanation(self, found: Answers, options: tuple[str, ...]) -> tuple[str, list[Message]]:
        """Return the general feedback with what is said of each answer after it."""
        lines = [self.plain(found.general)]
        lines += [self._said(answer, options[place] if options else show(answer.text), found)
                  for place, answer in enumerate(found.answers)]  # fmt: skip
        said = [line for line in lines if line]
        remarks = [M("各个答案的反馈已并入解析。")] if len(said) > 1 else []
        return "\n".join(said), remarks

    def _said(self, answer: Answer, option: str, found: Answers) -> str:
        feedback = self.plain(answer.feedback)
        is_plain = answer.is_right and found.type is not QuestionType.MULTIPLE
        return feedback if is_plain or not feedback else f"{option}：{feedback}"
