"""What is done with blueprints: a track's sections and rules are changed together, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import ActiveQuestion
from quizapp.campaigns import queries as campaign_queries
from quizapp.campaigns import tracks
from quizapp.campaigns.queries import CampaignTrack
from quizapp.campaigns.rules import Rules
from quizapp.errors import Conflict, Invalid
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.quiz import queries
from quizapp.quiz.drawing import Section
from quizapp.quiz.filling import Shortfall, points_range, shortfalls
from quizapp.quiz.models import Blueprint, BlueprintSection

MOST_SECTIONS = 30
MOST_QUESTIONS = 200
MOST_POINTS = 100


class NoSections(Invalid):
    """A paper needs something on it."""

    def __init__(self) -> None:
        super().__init__(M("至少要有一个部分，最多 %(most)s 个。", most=MOST_SECTIONS))


class OutOfBounds(Invalid):
    """A section asks for what no section should have."""

    def __init__(self, place: int) -> None:
        super().__init__(
            M(
                "第 %(place)s 部分：题数要填 1 到 %(questions)s，每题分值要填 1 到 %(points)s。",
                place=place,
                questions=MOST_QUESTIONS,
                points=MOST_POINTS,
            )
        )


class FallsShort(Invalid):
    """The banks cannot fill every paper."""

    def __init__(self, gaps: Sequence[Shortfall]) -> None:
        told = [
            M(
                "第 %(place)s 部分需要 %(wanted)s 题，只能确保 %(found)s 题可抽",
                place=gap.place,
                wanted=gap.wanted,
                found=gap.found,
            )
            for gap in gaps
        ]
        super().__init__(M("题库不足，没有保存：%(gaps)s。", gaps=told))


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the track since the page was opened."""

    def __init__(self) -> None:
        super().__init__(M("别人刚刚改过这个组卷规则，没有保存。请重新打开页面再改。"))


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackPaper:
    """A track with how its papers are drawn, and whether its banks can fill them."""

    track: CampaignTrack
    sections: tuple[Section, ...]
    shortfalls: tuple[Shortfall, ...]
    #: The least and the most points of a paper; they differ only with cases of unlike numbers of parts.
    points: tuple[int, int]

    @property
    def questions(self) -> int:
        """Return how many questions a paper has; a case counts once."""
        return sum(section.count for section in self.sections)

    @property
    def is_ready(self) -> bool:
        """Say whether every paper can be drawn."""
        return bool(self.sections) and not self.shortfalls


def papers(campaign_slug: str | None = None) -> list[TrackPaper]:
    """Return every track of a campaign, or of all, with its paper, in three statements."""
    by_track = queries.sections_by_track()
    found = campaign_queries.list_tracks(campaign_slug)
    drawn = [section for track in found for section in by_track.get(track.id, ())]
    pool = _pool(drawn)
    return [_paper(track, by_track.get(track.id, ()), pool) for track in found]


def get_paper(track_id: int) -> TrackPaper:
    """Return one track with its paper or raise NotFound."""
    return planned_paper(campaign_queries.get_track(track_id), queries.find_sections(track_id))


def planned_paper(track: CampaignTrack, sections: Sequence[Section]) -> TrackPaper:
    """Return a track with the sections that it is to have."""
    return _paper(track, sections, _pool(sections))


def _pool(sections: Iterable[Section]) -> list[ActiveQuestion]:
    return bank_queries.active_questions({section.bank_id for section in sections})


def _paper(track: CampaignTrack, sections: Iterable[Section], pool: Collection[ActiveQuestion]) -> TrackPaper:
    own = [question for question in pool if question.suits(track.job_role)]
    wanted = tuple(sections)
    return TrackPaper(
        track=track,
        sections=wanted,
        shortfalls=tuple(shortfalls(wanted, own)),
        points=points_range(wanted, own),
    )


def change(actor: Actor, track_id: int, rules: Rules, sections: Sequence[Section], *, seen: str) -> bool:
    """Give a track these rules and sections; False when it has them already.

    `seen` is the `mark` of what the change was made from. Attempts that are open keep the paper and the
    rules that they began with. Raises NotFound, ChangedMeanwhile, Invalid and its kinds NoSections,
    OutOfBounds and FallsShort.
    """
    track = tracks.hold(track_id)
    before = document(track.rules, queries.find_sections(track_id))
    if seen != _mark(before):
        raise ChangedMeanwhile
    rules.check()
    check(sections)
    if gaps := planned_paper(track, sections).shortfalls:
        raise FallsShort(gaps)
    after = document(rules, sections)
    if after == before:
        return False
    tracks.change_rules(track_id, rules)
    _replace_sections(track_id, sections)
    log.record(actor, "blueprint.change", f"track:{track_id}", {"before": before, "after": after})
    return True


def check(sections: Sequence[Section]) -> None:
    """Raise NoSections or OutOfBounds for sections that no blueprint should have."""
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise NoSections
    for place, section in enumerate(sections, start=1):
        if not (1 <= section.count <= MOST_QUESTIONS and 1 <= section.points <= MOST_POINTS):
            raise OutOfBounds(place)


def mark(paper: TrackPaper) -> str:
    """Return what tells this state of a track from every other one."""
    return _mark(document(paper.track.rules, paper.sections))


def _mark(state: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def document(rules: Rules, sections: Iterable[Section]) -> dict[str, Any]:
    """Return a track's rules and sections as plain values."""
    names = bank_queries.bank_names()
    return {
        "minutes": rules.minutes,
        "pass_mark": rules.pass_mark,
        "attempt_limit": rules.attempt_limit,
        "study_first": rules.study_first,
        "sections": [
            {
                "bank": names[section.bank_id].slug,
                "type": section.type.value,
                "tag": section.tag,
                "difficulty": section.difficulty.value if section.difficulty else "",
                "count": section.count,
                "points": section.points,
                "scoring": section.scoring.value,
            }
            for section in sections
        ],
    }


def _replace_sections(track_id: int, sections: Sequence[Section]) -> None:
    blueprint = db.session.scalar(select(Blueprint).where(Blueprint.track_id == track_id))
    if blueprint is None:
        blueprint = Blueprint(track_id=track_id)
        db.session.add(blueprint)
        db.session.flush()
    db.session.execute(delete(BlueprintSection).where(BlueprintSection.blueprint_id == blueprint.id))
    db.session.add_all(
        BlueprintSection(
            blueprint_id=blueprint.id,
            position=position,
            bank_id=section.bank_id,
            type=section.type,
            tag=section.tag,
            difficulty=section.difficulty,
            question_count=section.count,
            points=section.points,
            scoring=section.scoring,
        )
        for position, section in enumerate(sections, start=1)
    )
    db.session.flush()
