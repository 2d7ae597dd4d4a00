"""What the page of a blueprint sends: the track's rules and one row of fields for each section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from quizapp.bank.queries import BankName
from quizapp.bank.questions import Difficulty, QuestionType
from quizapp.campaigns.rules import Rules
from quizapp.errors import Invalid
from quizapp.messages import M
from quizapp.quiz.blueprints import MOST_SECTIONS, TrackPaper
from quizapp.quiz.drawing import Section
from quizapp.quiz.grading import Scoring

LONGEST_TAG = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionRow:
    """The fields of one section as they were filled in."""

    bank: str
    type: str = QuestionType.SINGLE
    tag: str = ""
    difficulty: str = ""
    count: str = "5"
    points: str = "5"
    scoring: str = Scoring.ALL_OR_NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A blueprint as it stands in the page's fields; `seen` is the mark of what it was made from."""

    seen: str
    minutes: str
    pass_mark: str
    attempt_limit: str
    study_first: bool
    rows: tuple[SectionRow, ...] = field(default=())

    def rules(self) -> Rules:
        """Return the rules. Raises Invalid."""
        rules = Rules(
            minutes=_whole(self.minutes),
            pass_mark=_whole(self.pass_mark),
            attempt_limit=_whole(self.attempt_limit),
            study_first=self.study_first,
        )
        rules.check()
        return rules

    def sections(self, banks: Mapping[int, BankName]) -> list[Section]:
        """Return the sections; raise Invalid naming the first that is none."""
        ids = {bank.slug: bank_id for bank_id, bank in banks.items()}
        return [_section(place, row, ids) for place, row in enumerate(self.rows, start=1)]


def draft_of(paper: TrackPaper, seen: str, banks: Mapping[int, BankName]) -> Draft:
    """Return the fields filled in with what a track has."""
    rules = paper.track.rules
    return Draft(
        seen=seen,
        minutes=str(rules.minutes),
        pass_mark=str(rules.pass_mark),
        attempt_limit=str(rules.attempt_limit),
        study_first=rules.study_first,
        rows=tuple(
            SectionRow(
                bank=banks[section.bank_id].slug,
                type=section.type,
                tag=section.tag,
                difficulty=section.difficulty or "",
                count=str(section.count),
                points=str(section.points),
                scoring=section.scoring,
            )
            for section in paper.sections
        ),
    )


def read_draft(form: MultiDict[str, str]) -> Draft:
    """Return what the page sent; raise Invalid when the rows are not whole."""
    return Draft(
        seen=form.get("seen", ""),
        minutes=form.get("minutes", "").strip(),
        pass_mark=form.get("pass_mark", "").strip(),
        attempt_limit=form.get("attempt_limit", "").strip(),
        study_first="study_first" in form,
        rows=tuple(_rows(form)),
    )


def _rows(form: MultiDict[str, str]) -> Iterator[SectionRow]:
    names = [one.name for one in fields(SectionRow)]
    lists = [form.getlist(name) for name in names]
    if len({len(values) for values in lists}) != 1 or len(lists[0]) > MOST_SECTIONS:
        raise Invalid(M("页面内容不完整，请重新打开页面再改。"))
    for values in zip(*lists, strict=True):
        yield SectionRow(**dict(zip(names, (value.strip() for value in values), strict=True)))


def rearranged(draft: Draft, act: str, bank: str) -> Draft:
    """Return the draft after a button of a row (``up-0``, ``down-0``, ``remove-0``) or ``add``.

    A new row asks for the same bank as the last one, or for `bank`. Anything else changes nothing.
    """
    rows = list(draft.rows)
    if act == "add" and len(rows) < MOST_SECTIONS:
        rows.append(SectionRow(bank=rows[-1].bank if rows else bank))
    elif (asked := re.fullmatch(r"(up|down|remove)-(\d{1,3})", act)) and int(asked[2]) < len(rows):
        place = int(asked[2])
        row = rows.pop(place)
        if asked[1] != "remove":
            rows.insert(max(0, place + {"up": -1, "down": 1}[asked[1]]), row)
    return replace(draft, rows=tuple(rows))


def _section(place: int, row: SectionRow, banks: Mapping[str, int]) -> Section:
    try:
        return Section(
            bank_id=banks[row.bank],
            type=QuestionType(row.type),
            tag=row.tag[:LONGEST_TAG],
            difficulty=Difficulty(row.difficulty) if row.difficulty else None,
            count=_whole(row.count),
            points=_whole(row.points),
            scoring=Scoring(row.scoring),
        )
    except (KeyError, ValueError, Invalid) as error:
        raise Invalid(M("第 %(place)s 部分没有填完整，题数和分值要填整数。", place=place)) from error


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise Invalid(M("请填写整数：%(text)s", text=text or "—"))
    return int(text)


def read_seed(values: Mapping[str, Any]) -> int | None:
    """Return the number of a sample that the address names, None for a fresh one."""
    text = str(values.get("seed", ""))
    return int(text) if re.fullmatch(r"\d{1,10}", text, re.ASCII) else None
