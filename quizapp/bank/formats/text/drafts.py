"""A question while its lines are gathered, and what is made of it in the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from quizapp.bank.formats.checking import LONGEST_OPTION, BadQuestion, check_question
from quizapp.bank.formats.headings import DIFFICULTIES, FALSE_WORDS, TRUE_WORDS
from quizapp.bank.formats.keys import BadKey, read_key
from quizapp.bank.formats.text import slots
from quizapp.bank.formats.text.fillings import read_blanks
from quizapp.bank.formats.text.labels import ANSWER, DIFFICULTY, EXPLANATION, SOURCE, TAGS
from quizapp.bank.formats.text.lines import UNSAID, Kind, without_type_mark
from quizapp.bank.formats.text.options import Option
from quizapp.bank.questions import TRUE_FALSE_OPTIONS, Difficulty, QuestionContent, QuestionType
from quizapp.imports.rows import plain
from quizapp.messages import M, Message

STEM, OPTION = "stem", "option"
_END = " \t\u3000。.；;"
_LIST = " ,，、;；|/"


@dataclass
class Draft:
    """The lines of one question. `at` says where the next line without a mark belongs."""

    line: int
    number: int
    kind: Kind = UNSAID
    #: What the heading above it says, by which collected answers find it.
    heading: Kind = UNSAID
    #: Questions that are numbered together have the same.
    run: int = 0
    stem: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    labelled: dict[str, list[str]] = field(default_factory=dict)
    faults: list[Message] = field(default_factory=list)
    at: str = STEM
    #: The last of “1. … 2. …” listed inside the stem or the explanation.
    listed: int = 0

    @property
    def title(self) -> str:
        """Return how the question begins."""
        return "\n".join(self.stem).strip()[:120]

    @property
    def has_answer(self) -> bool:
        """Whether an answer stands beside it."""
        return bool(self.text(ANSWER))

    def text(self, label: str) -> str:
        """Return what was said under a label."""
        return "\n".join(self.labelled.get(label, [])).strip()

    def take(self, text: str) -> None:
        """Take a line that belongs where the one before it did."""
        if self.at == STEM:
            self.stem.append(text)
        elif self.at == OPTION:
            letter, option = self.options[-1]
            if len(option) <= LONGEST_OPTION:
                self.options[-1] = (letter, f"{option}\n{text}" if option else text)
        else:
            self.labelled[self.at].append(text)

    def take_options(self, options: list[Option]) -> None:
        """Take more options."""
        self.options += options
        self.at, self.listed = OPTION, 0

    def take_label(self, label: str, text: str) -> None:
        """Take a labelled text."""
        if label == ANSWER and self.has_answer:
            self.faults.append(M("一道题里有两处答案，可能漏认了一道题，请核对题号。"))
            return
        self.labelled.setdefault(label, []).append(text)
        self.at, self.listed = label, 0


@dataclass
class CaseDraft:
    """A case: its material, and the questions on it."""

    line: int
    run: int
    material: list[str] = field(default_factory=list)
    is_marked: bool = True
    parts: list[Draft] = field(default_factory=list)
    faults: list[Message] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Return how the case begins."""
        return "\n".join(self.material).strip()[:120]


def case_content(case: CaseDraft) -> QuestionContent:
    """Return the case with its parts. Raises BadQuestion."""
    _raise_first(case.faults)
    parts = []
    for number, part in enumerate(case.parts, start=1):
        try:
            content, _ = question_content(part)
        except BadQuestion as error:
            reason = M("第 %(number)s 小题：%(reason)s", number=number, reason=[error.message])
            raise BadQuestion(reason) from error
        parts.append(replace(content, source="", tags=(), difficulty=Difficulty.MEDIUM))
    content = QuestionContent(
        type=QuestionType.CASE, stem="\n".join(case.material).strip(), parts=tuple(parts)
    )
    check_question(content)
    return content


def question_content(draft: Draft) -> tuple[QuestionContent, list[Message]]:
    """Return the question, and what was repaired in it. Raises BadQuestion."""
    _raise_first(draft.faults)
    marked, stem = without_type_mark("\n".join(draft.stem).strip())
    kind = marked or draft.kind
    if kind.type is QuestionType.CASE:
        kind = UNSAID
    if kind.is_refused:
        raise BadQuestion(M("简答、论述、计算、连线等题型本系统不支持。"))
    _check_letters(draft.options)
    try:
        content, remarks = _Maker(draft, kind, stem).content()
    except BadKey as error:
        raise BadQuestion(error.message) from error
    check_question(content)
    return content, remarks


def _raise_first(faults: list[Message]) -> None:
    if faults:
        raise BadQuestion(faults[0])


def _check_letters(options: list[Option]) -> None:
    letters = [letter for letter, _ in options]
    if letters != [chr(ord("A") + place) for place in range(len(letters))]:
        raise BadQuestion(M("选项的字母不连续或有重复。"))


@dataclass
class _Maker:
    """Finds out the answer and the type of a draft; the stem loses what learners must not see."""

    draft: Draft
    kind: Kind
    stem: str
    remarks: list[Message] = field(default_factory=list)

    def content(self) -> tuple[QuestionContent, list[Message]]:
        """Return the question and the remarks."""
        answer = self._answer()
        kind = self._type(answer)
        options = tuple(text for _, text in self.draft.options)
        content = self._about(kind)
        if kind is QuestionType.FILL_IN:
            stem = slots.blanked(self.stem)
            content = replace(content, stem=stem, blanks=read_blanks(stem, answer), options=options)
        else:
            key = read_key(kind, answer, options)
            shown = TRUE_FALSE_OPTIONS if kind is QuestionType.TRUE_FALSE else options
            content = replace(content, options=shown, key=key)
        return content, self.remarks

    def _answer(self) -> str:
        """Return the answer from beside the question, else from inside its stem."""
        self.stem, labelled = slots.take_labelled(self.stem)
        answer = (self.draft.text(ANSWER) or labelled).strip(_END)
        inside = self._inside(is_sought=not answer)
        if not answer and not inside:
            raise BadQuestion(M("没有找到答案：可写“答案：A”，或在文末集中写“1-5 ABCDE”。"))
        if answer and inside and _folded(answer) != _folded(inside):
            raise BadQuestion(M("题干里的答案与另写的答案不同，请核对。"))
        return answer or inside

    def _inside(self, *, is_sought: bool) -> str:
        """Take the answer out of the stem; beside another one only where it can be nothing else."""
        if self.kind.type is QuestionType.FILL_IN:
            return ""
        if self.draft.options:
            stem, inside = self._letters(is_sought=is_sought)
        elif self.kind.type in {None, QuestionType.TRUE_FALSE}:
            stem, inside = slots.take_truth(self.stem)
        else:
            return ""
        if inside and not is_sought:
            self.remarks.append(M("题干里写着答案，已改为空括号。"))
        self.stem = stem
        return inside

    def _letters(self, *, is_sought: bool) -> tuple[str, str]:
        try:
            stem, inside = slots.take_letters(self.stem, len(self.draft.options))
        except BadQuestion:
            if is_sought:
                raise
            return self.stem, ""
        stands_apart = slots.stands_apart(self.stem)
        same = _folded(inside) == _folded(self.draft.text(ANSWER))
        return (stem, inside) if is_sought or stands_apart or same else (self.stem, "")

    def _type(self, answer: str) -> QuestionType:
        if self.kind.type is not None:
            return self.kind.type
        options = [plain(text) for _, text in self.draft.options]
        if not options:
            return self._type_without_options(answer)
        if len(options) == 2 and set(options) <= TRUE_WORDS | FALSE_WORDS:  # noqa: PLR2004 - true and false
            return QuestionType.TRUE_FALSE
        several = len(_folded(answer)) > 1 and set(_folded(answer)) <= set("ABCDEFGH")
        return QuestionType.MULTIPLE if several else QuestionType.SINGLE

    def _type_without_options(self, answer: str) -> QuestionType:
        if plain(answer) in TRUE_WORDS | FALSE_WORDS:
            return QuestionType.TRUE_FALSE
        if slots.has_empty_slot(self.stem):
            return QuestionType.FILL_IN
        raise BadQuestion(M("没有选项，也没有要填的空，看不出题型；简答、论述等题型本系统不支持。"))

    def _about(self, kind: QuestionType) -> QuestionContent:
        """Return the question without what is asked and what is right."""
        level = self.draft.text(DIFFICULTY).strip(_END)
        if level and plain(level) not in DIFFICULTIES:
            raise BadQuestion(M("不认识这个难度，可填：易、中、难。"))
        words = self.draft.text(TAGS).translate(str.maketrans(_LIST, " " * len(_LIST)))
        return QuestionContent(
            type=kind,
            stem=self.stem,
            explanation=self.draft.text(EXPLANATION),
            source=self.draft.text(SOURCE),
            tags=tuple(dict.fromkeys(words.split())),
            difficulty=DIFFICULTIES[plain(level)] if level else Difficulty.MEDIUM,
        )


def _folded(answer: str) -> str:
    """Return letters as a key is read: sorted, without what parts them; truths as one word."""
    word = plain(answer)
    if word in TRUE_WORDS:
        return "√"
    if word in FALSE_WORDS and word != "f":
        return "×"
    letters = [letter for letter in word.upper() if letter not in " ,、;|/\n"]
    return "".join(sorted(set(letters)))
