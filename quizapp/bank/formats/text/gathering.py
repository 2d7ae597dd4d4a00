"""The lines of a typed bank gathered into questions, one line after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from quizapp.bank.formats.text import slots
from quizapp.bank.formats.text.answering import AnswerBlock
from quizapp.bank.formats.text.drafts import OPTION, STEM, CaseDraft, Draft
from quizapp.bank.formats.text.labels import ANSWER, EXPLANATION, split_labels
from quizapp.bank.formats.text.lines import (
    NAMED,
    UNSAID,
    Kind,
    Numbered,
    case_of,
    ends_case,
    is_other_heading,
    numbered,
)
from quizapp.bank.formats.text.looks import Look, Looks
from quizapp.bank.formats.text.options import glued_letter_of, letter_of, split_options, split_stem
from quizapp.bank.questions import MOST_OPTIONS, QuestionType
from quizapp.imports.tables import Problem
from quizapp.messages import M


@dataclass
class Gathering:
    """What has been gathered so far."""

    looks: Looks
    found: list[Draft | CaseDraft] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    strays: list[Look] = field(default_factory=list)
    draft: Draft | None = None
    case: CaseDraft | None = None
    kind: Kind = UNSAID
    run: int = 0
    pending: list[Draft] = field(default_factory=list)
    block: AnswerBlock | None = None

    def gather(self) -> None:
        """Go through all lines."""
        for place, look in enumerate(self.looks.lines):
            if not self._is_answers(place) and not self._is_heading(look):
                self._take(place, look)
            if look.fault:
                self._blame(look)
        self._end_block()
        self._end_case()

    def _blame(self, look: Look) -> None:
        """What a line holds that cannot be kept is held against its question."""
        assert look.fault is not None  # noqa: S101 - asked by the caller
        if self.draft or self.case:
            holder = self.draft or self.case
            assert holder is not None  # noqa: S101 - one of the two is
            holder.faults.append(look.fault)
        else:
            self.refused.append(Problem(reason=look.fault, row=look.number, value=look.text[:120]))

    # -- answers behind their questions

    def _is_answers(self, place: int) -> bool:
        if self.block is None:
            if not AnswerBlock.opens(self.looks, place, self.draft or self._waits()):
                return False
            self._end_question()
            self.block = AnswerBlock.on(self.pending)
        if self.block.take(self.looks, place):
            return True
        self._end_block()
        return False

    def _waits(self) -> Draft | None:
        return self.pending[-1] if self.pending else None

    def _end_block(self) -> None:
        if self.block is None:
            return
        self._end_case()
        self.refused += self.block.give(self.pending)
        self.block, self.pending = None, []
        self.run += 1

    # -- headings and cases

    def _is_heading(self, look: Look) -> bool:
        material = case_of(look.text)
        if look.heading:
            self._begin_section(look.heading)
        elif material is not None:
            self._begin_case(look.number, material, is_marked=True)
        elif ends_case(look.text):
            self._end_case()
        elif self._is_chapter(look):
            self._begin_section(UNSAID)
        else:
            return False
        return True

    def _is_chapter(self, look: Look) -> bool:
        if self.case or not is_other_heading(look.text):
            return False
        return self.draft is None or look.text.startswith("第") or self.draft.at in {OPTION, ANSWER}

    def _begin_section(self, kind: Kind) -> None:
        self._end_case()
        self.kind = kind
        self.run += 1

    def _begin_case(self, line: int, material: str, *, is_marked: bool) -> None:
        self._end_case()
        self.run += 1
        self.case = CaseDraft(line, self.run, [material] if material else [], is_marked)

    def _end_case(self) -> None:
        self._end_question()
        if self.case:
            self.found.append(self.case)
            self.run += 1
        self.case = None

    def _end_question(self) -> None:
        if self.draft:
            (self.case.parts if self.case else self.found).append(self.draft)
            self.pending.append(self.draft)
        self.draft = None

    # -- the lines of a question

    def _take(self, place: int, look: Look) -> None:
        pieces = split_labels(look.text)
        for label, piece in pieces:
            if not label:
                self._take_plain(place, look, piece)
            elif self.draft:
                self.draft.take_label(label, piece)
            elif self.case:
                self.case.material.append(look.text)
                return
            else:
                self.strays.append(look)
                return

    def _take_plain(self, place: int, look: Look, text: str) -> None:
        if self._is_option(place, text) or self._is_numbered(place, look, text):
            return
        self._take_other(look, text)

    def _is_option(self, place: int, text: str) -> bool:
        draft = self.draft
        if draft is None or not (draft.at in {STEM, OPTION} or (draft.at == ANSWER and not draft.options)):
            return False
        wanted = chr(ord("A") + len(draft.options))
        following = self.looks.text_at(place + 1)
        if not _begins_option(text, wanted, following, has_options=bool(draft.options)):
            return False
        draft.take_options(split_options(text, next_line=following))
        return True

    def _is_numbered(self, place: int, look: Look, text: str) -> bool:
        found = numbered(text)
        if found is None:
            return False
        if self._begins_unmarked_case(place, found):
            self._begin_case(look.number, found.rest, is_marked=False)
            return True
        is_listed = self.case is None and found.style not in {self.looks.style_at(place), NAMED}
        if is_listed or not self._begins_question(place, found):
            return False
        self._begin_question(look, found.number, found.rest)
        return True

    def _begins_unmarked_case(self, place: int, found: Numbered) -> bool:
        """Under a heading for cases, “1.” is a case where “（1）” follows."""
        if self.kind.type is not QuestionType.CASE or found.style != self.looks.style_at(place):
            return False
        return not (self.case and self.case.is_marked) and self.looks.has_parts(place)

    def _begins_question(self, place: int, found: Numbered) -> bool:
        """Say whether a number begins the next question, or goes on in a list inside this one."""
        draft = self.draft
        if draft is None or draft.at not in {STEM, EXPLANATION, ANSWER}:
            return True
        if draft.at == ANSWER:
            return draft.has_answer
        is_like = self.looks.is_like_question(place, found.style)
        stem = "\n".join([*draft.stem[:3], draft.stem[-1]]).rstrip()
        goes_on = draft.listed > 0 and found.number == draft.listed + 1
        if draft.at == STEM:
            is_list = stem.endswith(("：", ":")) or not (is_like or slots.has_slot(stem))
            goes_on = goes_on or (found.number == 1 and is_list)
        else:
            goes_on = not is_like and (goes_on or found.number == 1)
        if goes_on:
            draft.listed = found.number
        return not goes_on

    def _begin_question(self, look: Look, number: int, text: str) -> None:
        self._end_question()
        run = self.case.run if self.case else self.run
        kind = UNSAID if self.case or self.kind.type is QuestionType.CASE else self.kind
        self.draft = Draft(look.number, number, kind, self.kind, run)
        stem, options = split_stem(text)
        self.draft.take(stem)
        if options:
            self.draft.take_options(options)

    def _take_other(self, look: Look, text: str) -> None:
        if self.draft and not self._begins_unnumbered(look, self.draft):
            self.draft.take(text)
        elif self.case and not self.draft:
            self.case.material.append(text)
        elif not self.looks.style:
            self._begin_question(look, 0, text)
        else:
            self.strays.append(look)

    def _begins_unnumbered(self, look: Look, draft: Draft) -> bool:
        """Where no question has a number, one ends with its answer or a blank line."""
        if self.looks.style or self.case:
            return False
        is_over = draft.at == ANSWER and draft.has_answer
        return is_over or (look.is_after_blank and (draft.has_answer or draft.at == STEM))

    def remarks(self) -> list[Problem]:
        """Return what was left out because it looks like no question."""
        reason = M("这一行不像题目，已略过。")
        return [Problem(reason=reason, row=look.number, value=look.text[:120]) for look in self.strays]


def _begins_option(text: str, wanted: str, following: str, *, has_options: bool) -> bool:
    letter = letter_of(text)
    if letter is not None:
        is_marked = not text[len(letter) : len(letter) + 1].isspace()
        return letter == wanted or (is_marked and letter < chr(ord("A") + MOST_OPTIONS))
    if glued_letter_of(text) != wanted:
        return False
    return has_options or "B" in {glued_letter_of(following), letter_of(following)}
