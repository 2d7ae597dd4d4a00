"""Which question of a bank a row of a file is, and what it changes there: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from quizapp.bank.documents import document
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.questions import QuestionContent, fingerprint, normalise
from quizapp.bank.similarity import Twin, likely_twins
from quizapp.imports.plans import ALIKE, CONFLICT, Fate, Plan, PlannedRow, Tick, no_tick
from quizapp.imports.tables import Problem
from quizapp.messages import M, Message

FIELD_NAMES = {
    "type": M("题型"),
    "stem": M("题干"),
    "options": M("选项"),
    "key": M("答案"),
    "blanks": M("填空答案"),
    "parts": M("小题"),
    "explanation": M("解析"),
    "source": M("依据"),
    "tags": M("知识点"),
    "difficulty": M("难度"),
    "roles": M("适用岗位"),
}


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question that the bank holds, in the revision in force."""

    id: int
    code: str
    fingerprint: str
    content: QuestionContent


def plan_import(parsed: ParsedBank, known: Iterable[KnownQuestion], tick: Tick = no_tick) -> Plan:
    """Say for each row what it becomes in a bank that holds `known`.

    A row is the question with its code; else the one with the same type, stem and options; else the
    only one with the same type and stem that shares half of its options.
    """
    matcher = _Matcher(list(known))
    rows: list[PlannedRow] = []
    refused = list(parsed.refused)
    for done, question in enumerate(parsed.questions):
        tick(done, len(parsed.questions))
        planned = matcher.plan(question)
        if isinstance(planned, Problem):
            refused.append(planned)
        else:
            rows.append(planned)
    refused.sort(key=lambda problem: (problem.sheet, problem.row))
    rows = _with_twins(rows, parsed.questions, matcher.known)
    return Plan(tuple(rows), tuple(refused), parsed.repaired, parsed.pictures)


@dataclass
class _Matcher:
    """Looks questions up in the bank and in the rows that came before."""

    known: Sequence[KnownQuestion]
    by_code: dict[str, KnownQuestion] = field(default_factory=dict)
    by_fingerprint: dict[str, KnownQuestion] = field(default_factory=dict)
    by_stem: dict[tuple[str, str], list[KnownQuestion]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[str, ParsedQuestion] = field(default_factory=dict)
    codes: dict[str, ParsedQuestion] = field(default_factory=dict)
    claimed: dict[int, ParsedQuestion] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for question in self.known:
            if question.code:
                self.by_code[question.code] = question
            self.by_fingerprint[question.fingerprint] = question
            self.by_stem[_stem(question.content)].append(question)

    def plan(self, row: ParsedQuestion) -> PlannedRow | Problem:  # noqa: PLR0911 - one line a fate
        """Return the row's fate, or why it is refused."""
        mark = fingerprint(row.content)
        earlier = self.rows.setdefault(mark, row)
        if earlier is not row:
            return self._repeated(row, earlier)
        if row.content.code and self.codes.setdefault(row.content.code, row) is not row:
            return _refused(row, M("编号与第 %(row)s 行重复。", row=self.codes[row.content.code].row))
        match = self._find(row.content, mark)
        twin = self.by_fingerprint.get(mark)
        if match and twin and twin.id != match.id:
            return _refused(row, M("与题库中编号为 %(code)s 的题目相同。", code=twin.code or f"#{twin.id}"))
        if match is None:
            return _planned(row, Fate.NEW, None)
        if match.id in self.claimed:
            return _refused(row, M("与第 %(row)s 行是题库中的同一道题。", row=self.claimed[match.id].row))
        self.claimed[match.id] = row
        if match.code and row.content.code and match.code != row.content.code:
            note = M("题库中已有，编号为 %(code)s。", code=match.code)
            return _planned(row, Fate.DUPLICATE, match.id, note)
        return self._compared(row, match)

    def _repeated(self, row: ParsedQuestion, earlier: ParsedQuestion) -> PlannedRow | Problem:
        if _right_options(row.content) == _right_options(earlier.content):
            return _planned(row, Fate.DUPLICATE, None, M("与第 %(row)s 行相同，已略过。", row=earlier.row))
        return _refused(row, M("与第 %(row)s 行题目相同而答案不同，请核对。", row=earlier.row))

    def _find(self, content: QuestionContent, mark: str) -> KnownQuestion | None:
        if content.code and content.code in self.by_code:
            return self.by_code[content.code]
        if mark in self.by_fingerprint:
            return self.by_fingerprint[mark]
        alike = [q for q in self.by_stem[_stem(content)] if _shares_half(q.content, content)]
        only = alike[0] if len(alike) == 1 else None
        return None if only and only.code and content.code else only

    def _compared(self, row: ParsedQuestion, match: KnownQuestion) -> PlannedRow:
        changed = [name for name in FIELD_NAMES if getattr(row.content, name) != getattr(match.content, name)]
        if not changed and (not row.content.code or row.content.code == match.code):
            return _planned(row, Fate.SAME, match.id)
        names = [FIELD_NAMES[name] for name in changed] or [M("编号")]
        planned = _planned(row, Fate.CHANGED, match.id, M("改动：%(fields)s", fields=names))
        if _right_options(row.content) == _right_options(match.content):
            return planned
        return replace(planned, flag=CONFLICT, content={**planned.content, "before": document(match.content)})


def _with_twins(
    rows: list[PlannedRow], questions: Sequence[ParsedQuestion], known: Sequence[KnownQuestion]
) -> list[PlannedRow]:
    """Set beside each new row what is very like it, in the bank or above it in the file."""
    places = {(row.sheet, row.row): place for place, row in enumerate(rows) if row.fate is Fate.NEW}
    new = [one for one in questions if (one.sheet, one.row) in places]
    twins = likely_twins([_said(one.content) for one in known], [_said(one.content) for one in new])
    marked = list(rows)
    for one, twin in zip(new, twins, strict=True):
        if twin is not None:
            place = places[one.sheet, one.row]
            beside = _beside(twin, known, new)
            marked[place] = replace(rows[place], flag=ALIKE, content={**rows[place].content, "twin": beside})
    return marked


def _said(content: QuestionContent) -> str:
    return normalise(" ".join((content.stem, *content.options, *(part.stem for part in content.parts))))


def _beside(twin: Twin, known: Sequence[KnownQuestion], new: Sequence[ParsedQuestion]) -> dict[str, object]:
    """Return a twin as the preview shows it."""
    if twin.place < len(known):
        question = known[twin.place]
        where = M("题库中的 %(code)s", code=question.code or f"#{question.id}")
        return {"percent": twin.percent, "where": list(where), "content": document(question.content)}
    row = new[twin.place - len(known)]
    where = M("本文件第 %(row)s 行", row=row.row)
    return {"percent": twin.percent, "where": list(where), "content": document(row.content)}


def _stem(content: QuestionContent) -> tuple[str, str]:
    return content.type.value, normalise(content.stem)


def _shares_half(one: QuestionContent, other: QuestionContent) -> bool:
    first, second = set(map(normalise, one.options)), set(map(normalise, other.options))
    return 2 * len(first & second) >= max(len(first), len(second))


def _right_options(content: QuestionContent) -> tuple[object, ...]:
    """Return what is right, comparable whatever the order of the options."""
    chosen = {normalise(content.options[place]) or content.options[place] for place in content.key}
    return chosen, content.blanks, tuple(map(_right_options, content.parts))


def _planned(
    row: ParsedQuestion, fate: Fate, question_id: int | None, note: Message | None = None
) -> PlannedRow:
    return PlannedRow(
        fate=fate,
        sheet=row.sheet,
        row=row.row,
        title=row.content.stem,
        content={"question": question_id, **document(row.content)},
        note=[note.text, note.values] if note else None,
    )


def _refused(row: ParsedQuestion, reason: Message) -> Problem:
    return Problem(reason=reason, sheet=row.sheet, row=row.row, value=row.content.stem[:120])
