"""A block of collected answers while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quizapp.bank.formats.checking import LONGEST_EXPLANATION
from quizapp.bank.formats.text import collected
from quizapp.bank.formats.text.collected import Item
from quizapp.bank.formats.text.drafts import Draft
from quizapp.bank.formats.text.labels import ANSWER, EXPLANATION, split_labels
from quizapp.bank.formats.text.lines import UNSAID, Kind, case_of, kind_and_rest
from quizapp.bank.formats.text.looks import Looks
from quizapp.bank.formats.text.matching import give_answers
from quizapp.bank.questions import QuestionType
from quizapp.imports.tables import Problem
from quizapp.messages import M

LEAST_ITEMS = 2


@dataclass
class AnswerBlock:
    """The answers read so far, under the heading of a type or none."""

    #: How often each heading stands above the questions that wait.
    waiting: Counter[Kind]
    items: list[Item] = field(default_factory=list)
    kind: Kind | None = None
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def on(cls, drafts: Iterable[Draft]) -> AnswerBlock:
        """Return a block of answers to these questions."""
        runs = {(draft.run, draft.heading) for draft in drafts}
        return cls(Counter(heading for _, heading in runs))

    @staticmethod
    def opens(looks: Looks, place: int, before: Draft | None) -> bool:
        """Say whether collected answers begin at a line."""
        text = looks.text_at(place)
        if before is None:
            return False
        if collected.is_heading(text):
            return looks.is_collected(place + 1)
        rest = collected.behind_heading(text)
        is_own = before.kind.type is QuestionType.FILL_IN and not before.has_answer and rest != ""
        return not is_own and len(collected.short_answers(rest or text)) >= LEAST_ITEMS

    def take(self, looks: Looks, place: int) -> bool:
        """Take a line; say no when it is the first behind the answers."""
        look = looks.lines[place]
        if collected.is_heading(look.text):
            return True
        if look.heading:
            self.kind = look.heading
            return self._goes_on_under(look.heading, looks, place)
        if case_of(look.text) is not None:
            return looks.is_collected(place + 1)
        return self._take_answers(looks, place)

    def _goes_on_under(self, heading: Kind, looks: Looks, place: int) -> bool:
        """Say whether answers, or the next questions, follow under a heading: both may look alike."""
        if collected.short_answers(looks.text_at(place + 1)):
            return True
        is_wanted = self.waiting[heading] > 0 or set(self.waiting) == {UNSAID}
        self.waiting[heading] -= 1
        is_named = all(item.kind is not None for item in self.items)
        return is_wanted and is_named and looks.is_collected(place)

    def _take_answers(self, looks: Looks, place: int) -> bool:
        look = looks.lines[place]
        kind, rest = kind_and_rest(collected.behind_heading(look.text) or look.text)
        short = collected.short_answers(rest)
        if short:
            self.kind = kind or self.kind
            self.items += [Item(look.number, self.kind, number, answer) for number, answer in short]
            return True
        if look.numbered and looks.has_options(place):
            return False
        long = collected.long_answer(look.text)
        if long:
            number, answer, explanation = long
            self.items.append(Item(look.number, self.kind, number, answer, explanation))
            return True
        self._go_on(look.number, look.text)
        return True

    def _go_on(self, line: int, text: str) -> None:
        """A line without a number belongs to the answer before it."""
        last = self.items[-1] if self.items else None
        if last and len(last.answer) + len(last.explanation) > LONGEST_EXPLANATION:
            return
        if last is None:
            self.problems.append(Problem(reason=M("这一行不像答案，看不懂。"), row=line, value=text[:120]))
            return
        for label, piece in split_labels(text):
            if label == ANSWER:
                last.answer = last.answer or piece
            elif label == EXPLANATION or last.explanation:
                last.explanation = f"{last.explanation}\n{piece}".strip()
            else:
                last.answer = f"{last.answer}\n{piece}".strip()

    def give(self, drafts: Sequence[Draft]) -> list[Problem]:
        """Give the answers to their questions; return what belongs to none."""
        return [*self.problems, *give_answers(self.items, drafts)]
