"""Which question an answer belongs to that stands behind them all."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from quizapp.bank.formats.text.collected import Item
from quizapp.bank.formats.text.drafts import Draft
from quizapp.bank.formats.text.labels import ANSWER, EXPLANATION
from quizapp.bank.formats.text.lines import UNSAID, Kind
from quizapp.imports.tables import Problem
from quizapp.messages import M


def give_answers(items: Iterable[Item], drafts: Sequence[Draft]) -> list[Problem]:
    """Give every question its answer; return what belongs to none.

    Numbers may go on through all headings or begin anew under each: an answer whose number is not above
    the one before it belongs to the next run of questions, of the type that the answers' heading names.
    """
    searches: dict[Kind | None, _Search] = {}
    problems = []
    for item in items:
        kind = item.kind
        if kind not in searches:
            searches[kind] = _Search(drafts, kind)
        draft = searches[kind].find(item)
        if draft is None:
            problems.append(
                Problem(
                    reason=M("答案 %(number)s 没有对应的题目。", number=item.number),
                    row=item.line,
                    value=item.answer[:120],
                )
            )
            continue
        _give(draft, item)
    return problems


def _give(draft: Draft, item: Item) -> None:
    beside = draft.text(ANSWER)
    if not beside:
        draft.take_label(ANSWER, item.answer)
    elif beside != item.answer:
        draft.faults.append(M("题目旁的答案与集中写的答案不同，请核对。"))
    if item.explanation and not draft.text(EXPLANATION):
        draft.take_label(EXPLANATION, item.explanation)


class _Search:
    """Goes forward through the runs of questions of one type."""

    def __init__(self, drafts: Sequence[Draft], kind: Kind | None) -> None:
        self.runs: defaultdict[int, list[int]] = defaultdict(list)
        self.drafts: dict[tuple[int, int], Draft] = {}
        alike = [draft for draft in drafts if kind in {None, draft.heading}]
        for draft in alike or [draft for draft in drafts if draft.heading == UNSAID]:
            if (draft.run, draft.number) not in self.drafts:
                self.drafts[draft.run, draft.number] = draft
                self.runs[draft.number].append(draft.run)
        self.at = 0
        self.last = 0

    def find(self, item: Item) -> Draft | None:
        """Return the question of the next answer."""
        if item.number <= self.last:
            self.at += 1
        self.last = item.number
        runs = self.runs.get(item.number, [])
        place = bisect_left(runs, self.at)
        if place == len(runs):
            return None
        self.at = runs[place]
        return self.drafts[self.at, item.number]
