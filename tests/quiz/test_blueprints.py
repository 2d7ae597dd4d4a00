"""How papers are drawn: changed on a page whole or not at all, checked against the banks, tried, on record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from quizapp.accounts.kinds import GrantKind
from quizapp.audit.models import AuditEntry
from quizapp.bank.models import Bank, Question, QuestionRevision
from quizapp.bank.questions import ActiveQuestion, Difficulty, QuestionState, QuestionType, Shape
from quizapp.campaigns.models import Track
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.quiz import attempts, blueprints
from quizapp.quiz.answers import Answer
from quizapp.quiz.drawing import BankTooSmall, Section, draw_paper, drawing_order
from quizapp.quiz.filling import points_range, shortfalls
from quizapp.quiz.models import Attempt, Blueprint, BlueprintSection
from tests import builders
from tests.pages import sign_in, token

TAGS = ("", "甲", "乙")


def questions(*marks: tuple[tuple[str, ...], Difficulty]) -> list[ActiveQuestion]:
    """Single choice questions with these tags and difficulties."""
    return [
        ActiveQuestion(
            question_id=number, revision_id=number, bank_id=1, type=QuestionType.SINGLE, difficulty=level,
            tags=tags, roles=(), shapes=(Shape(QuestionType.SINGLE, 4),),
        )
        for number, (tags, level) in enumerate(marks)
    ]  # fmt: skip


def singles(count: int, tag: str = "", difficulty: Difficulty | None = None) -> Section:
    return Section(bank_id=1, type=QuestionType.SINGLE, tag=tag, difficulty=difficulty, count=count, points=5)


@st.composite
def pools(draw: st.DrawFn) -> list[ActiveQuestion]:
    """Few questions with few tags and difficulties, so that sections get into each other's way."""
    marks = st.tuples(st.sampled_from([(), ("甲",), ("乙",), ("甲", "乙")]), st.sampled_from(Difficulty))
    return questions(*draw(st.lists(marks, max_size=6)))


wanted_sections = st.lists(
    st.builds(singles, st.integers(1, 3), st.sampled_from(TAGS), st.sampled_from([None, *Difficulty])),
    min_size=1,
    max_size=3,
)
HARD, EASY = Difficulty.HARD, Difficulty.EASY


def fewest_left(sections: Sequence[Section], pool: list[ActiveQuestion]) -> tuple[int, int] | None:
    """Try every draw there is; return the first section that one cannot fill and the least it finds."""
    draws: list[frozenset[int]] = [frozenset()]
    for place in drawing_order(sections):
        section = sections[place]
        fitting = [question.question_id for question in pool if section.takes(question)]
        free = [[one for one in fitting if one not in taken] for taken in draws]
        least = min(map(len, free))
        if least < section.count:
            return place + 1, least
        draws = [
            taken.union(chosen)
            for taken, left in zip(draws, free, strict=True)
            for chosen in combinations(left, section.count)
        ]
        draws = list(set(draws))
    return None


@given(wanted_sections, pools())
@example(
    [singles(1, "甲"), singles(1, "乙"), singles(1, difficulty=HARD)],
    questions((("甲", "乙"), HARD), (("甲",), HARD), (("乙",), EASY)),
)
def test_a_section_is_short_just_when_some_draw_cannot_fill_it(
    sections: list[Section], pool: list[ActiveQuestion]
) -> None:
    places = drawing_order(sections)
    found = sorted(shortfalls(sections, pool), key=lambda gap: places.index(gap.place - 1))

    assert fewest_left(sections, pool) == ((found[0].place, found[0].found) if found else None)


@given(wanted_sections, pools(), st.integers(0, 2**30))
def test_what_is_not_short_is_drawn_from_every_seed(
    sections: list[Section], pool: list[ActiveQuestion], seed: int
) -> None:
    if not shortfalls(sections, pool):
        assert len(draw_paper(sections, pool, seed)) == sum(section.count for section in sections)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.integers(0, 2**30))
def test_a_paper_with_cases_carries_points_within_the_range_that_is_told(parts: list[int], seed: int) -> None:
    pool = [
        ActiveQuestion(
            question_id=number, revision_id=number, bank_id=1, type=QuestionType.CASE,
            difficulty=Difficulty.EASY, tags=(), roles=(), shapes=(Shape(QuestionType.SINGLE, 4),) * count,
        )
        for number, count in enumerate(parts)
    ]  # fmt: skip
    sections = [Section(bank_id=1, type=QuestionType.CASE, count=2, points=3)]

    least, most = points_range(sections, pool)

    ordered = sorted(parts)
    assert (least, most) == (3 * sum(ordered[:2]), 3 * sum(ordered[-2:]))
    assert least <= sum(item.points for item in draw_paper(sections, pool, seed)) <= most


@pytest.fixture
def track(app: Flask) -> Track:
    track = builders.make_track(builders.make_campaign())
    builders.make_quiz(track)
    other = builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL)  # noise
    builders.make_quiz(other)
    db.session.commit()
    return track


@pytest.fixture
def bank(track: Track) -> Bank:
    found: Bank = db.session.scalars(
        db.select(Bank)
        .join(BlueprintSection, BlueprintSection.bank_id == Bank.id)
        .join(Blueprint, Blueprint.id == BlueprintSection.blueprint_id)
        .where(Blueprint.track_id == track.id)
        .distinct()
    ).one()
    return found


@pytest.fixture
def editor(app: Flask, track: Track) -> FlaskClient:
    account = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return sign_in(app, account)


def section(of: Bank, **fields: object) -> dict[str, str]:
    row = {"bank": of.slug, "type": "single", "tag": "", "difficulty": "", "count": "2", "points": "5",
           "scoring": "all_or_nothing"}  # fmt: skip
    return {**row, **{name: str(value) for name, value in fields.items()}}


def send(
    client: FlaskClient, track: Track, rows: list[dict[str, str]], do: str = "save", **rules: str
) -> Any:
    """Fill in the page as it stands and press a button of it."""
    track_id = track.id
    page = client.get(f"/blueprints/{track_id}/edit").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    form: dict[str, Any] = {"minutes": "30", "pass_mark": "80", "attempt_limit": "2", "seen": seen, "do": do}
    lists = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    form = {**form, **rules, **lists, "csrf_token": token(page)}
    return client.post(f"/blueprints/{track_id}", data=form)


def sections_of(track: Track) -> list[tuple[str, str, str | None, int, int, str]]:
    db.session.rollback()
    rows = db.session.scalars(
        db.select(BlueprintSection)
        .join(Blueprint, Blueprint.id == BlueprintSection.blueprint_id)
        .where(Blueprint.track_id == track.id)
        .order_by(BlueprintSection.position)
    )
    return [
        (row.type.value, row.tag, row.difficulty and row.difficulty.value, row.question_count, row.points, row.scoring.value)
        for row in rows
    ]  # fmt: skip


def changes() -> list[dict[str, Any]]:
    return list(
        db.session.scalars(db.select(AuditEntry.detail).where(AuditEntry.action == "blueprint.change"))
    )


def test_a_change_is_saved_whole_and_is_on_record_with_before_and_after(
    editor: FlaskClient, track: Track, bank: Bank
) -> None:
    noise = [(row.id, row.question_count) for row in db.session.scalars(db.select(BlueprintSection))][3:]
    rows = [
        section(bank, type="multiple", count=3, points=6, scoring="partial"),
        section(bank, type="single", tag="通用", difficulty="medium"),
    ]

    answer = send(editor, track, rows, minutes="45", pass_mark="60", attempt_limit="3", study_first="yes")

    assert answer.status_code == 302
    assert sections_of(track) == [
        ("multiple", "", None, 3, 6, "partial"),
        ("single", "通用", "medium", 2, 5, "all_or_nothing"),
    ]
    kept = db.session.get_one(Track, track.id, populate_existing=True)
    assert (kept.minutes, kept.pass_mark, kept.attempt_limit, kept.study_first) == (45, 60, 3, True)
    (change,) = changes()
    assert (change["before"]["minutes"], change["after"]["minutes"]) == (30, 45)
    assert [one["type"] for one in change["before"]["sections"]] == ["single", "multiple", "true_false"]
    assert change["after"]["sections"][0] == {
        "bank": bank.slug, "type": "multiple", "tag": "", "difficulty": "", "count": 3, "points": 6,
        "scoring": "partial",
    }  # fmt: skip
    after = [(row.id, row.question_count) for row in db.session.scalars(db.select(BlueprintSection))]
    assert set(noise) <= set(after)


def test_saving_what_stands_there_already_changes_nothing(
    editor: FlaskClient, track: Track, bank: Bank
) -> None:
    rows = [section(bank, type=kind) for kind in ("single", "multiple", "true_false")]

    assert send(editor, track, rows).status_code == 302
    assert "没有改动" in editor.get("/blueprints").text
    assert changes() == []


@pytest.mark.parametrize(
    ("fields", "rules", "reason"),
    [
        ({"count": 5}, {}, "第 2 部分需要 5 题，只能确保 4 题可抽"),
        ({"tag": "没有这个知识点"}, {}, "第 2 部分需要 2 题，只能确保 0 题可抽"),
        ({"difficulty": "hard"}, {}, "第 2 部分需要 2 题，只能确保 0 题可抽"),
        ({"type": "case", "count": 1}, {}, "第 2 部分需要 1 题，只能确保 0 题可抽"),
        ({"type": "single", "count": 3}, {}, "第 2 部分需要 3 题，只能确保 2 题可抽"),
        ({"count": "两"}, {}, "第 2 部分没有填完整"),
        ({"count": 0}, {}, "第 2 部分：题数要填 1 到 200"),
        ({"points": 101}, {}, "每题分值要填 1 到 100"),
        ({"bank": "nowhere"}, {}, "第 2 部分没有填完整"),
        ({"scoring": "none"}, {}, "第 2 部分没有填完整"),
        ({}, {"pass_mark": "101"}, "合格线要填 1 到 100"),
        ({}, {"minutes": "0"}, "答题时间要填 1 到 600"),
        ({}, {"attempt_limit": ""}, "请填写整数"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_leaves_everything_as_it_was(
    editor: FlaskClient, track: Track, bank: Bank, fields: dict[str, Any], rules: dict[str, str], reason: str
) -> None:
    before = sections_of(track)
    rows = [section(bank), section(bank, **{"type": "multiple", **fields})]

    answer = send(editor, track, rows, **{"minutes": "45", **rules})

    assert answer.status_code == 422
    assert reason in answer.text
    assert sections_of(track) == before
    assert db.session.get_one(Track, track.id, populate_existing=True).minutes == 30
    assert changes() == []


def test_a_blueprint_without_sections_is_refused(editor: FlaskClient, track: Track) -> None:
    answer = send(editor, track, [])

    assert answer.status_code == 422
    assert "至少要有一个部分" in answer.text
    assert len(sections_of(track)) == 3


def test_only_questions_for_the_tracks_own_role_count(editor: FlaskClient, track: Track, bank: Bank) -> None:
    for _ in range(3):
        revision = builders.make_question(bank, QuestionType.FILL_IN)
        only_for_others = QuestionRevision(
            question_id=revision.question_id, number=2, type=revision.type, stem=revision.stem, options=[],
            key=revision.key, explanation="", source="", tags=[], difficulty=Difficulty.EASY,
            roles=["principal"], created_at=revision.created_at,
        )  # fmt: skip
        builders.added(only_for_others)
        db.session.get_one(Question, revision.question_id).revision = 2
    db.session.commit()

    answer = send(editor, track, [section(bank, type="fill_in", count=1)])

    assert "第 1 部分需要 1 题，只能确保 0 题可抽" in answer.text


def test_the_second_of_two_who_opened_the_page_overwrites_nothing(
    app: Flask, editor: FlaskClient, track: Track, bank: Bank
) -> None:
    page = editor.get(f"/blueprints/{track.id}/edit").text
    stale = page.split('name="seen" value="')[1].split('"')[0]
    send(editor, track, [section(bank, count=1)])

    answer = send(editor, track, [section(bank, count=4)], seen=stale)

    assert answer.status_code == 409
    assert "别人刚刚改过" in answer.text
    assert [row[3] for row in sections_of(track)] == [1]


def test_an_open_attempt_keeps_the_paper_and_the_rules_that_it_began_with(
    editor: FlaskClient, track: Track, bank: Bank
) -> None:
    learner = builders.make_learner(track)
    db.session.commit()
    attempt = attempts.start(learner.account_id, track.id)
    db.session.commit()
    db.session.refresh(attempt)
    paper, deadline = attempt.paper, attempt.deadline_at

    send(editor, track, [section(bank, count=1)], minutes="5", pass_mark="100", attempt_limit="1")
    db.session.rollback()
    for place, item in enumerate(paper[:5]):  # 25 of 30 points: 83 %
        shown = tuple(builders.right_choice(item))
        attempts.save(learner.account_id, attempt.id, Answer(place, 1, shown))
    closed = attempts.submit(learner.account_id, attempt.id)
    db.session.commit()

    assert closed.paper == paper
    assert (closed.deadline_at, closed.pass_mark, closed.attempt_limit) == (deadline, 80, 2)
    assert closed.passed
    other = builders.make_learner(db.session.get_one(Track, track.id))
    assert len(attempts.start(other.account_id, track.id).paper) == 1


@pytest.mark.parametrize(
    ("do", "kinds"),
    [
        ("add", ["single", "multiple", "single"]),
        ("up-1", ["multiple", "single"]),
        ("up-0", ["single", "multiple"]),
        ("down-0", ["multiple", "single"]),
        ("remove-0", ["multiple"]),
        ("remove-9", ["single", "multiple"]),
        ("nonsense", ["single", "multiple"]),
    ],
)
def test_buttons_of_the_rows_rearrange_the_page_and_save_nothing(
    editor: FlaskClient, track: Track, bank: Bank, do: str, kinds: list[str]
) -> None:
    before = sections_of(track)

    answer = send(editor, track, [section(bank), section(bank, type="multiple", count="17")], do=do)

    rows = answer.text.split("<fieldset")[1:]
    shown = [row.split('name="type"')[1].split(" selected")[0].rsplit('value="', 1)[1][:-1] for row in rows]
    assert answer.status_code == 200
    assert shown == kinds
    assert ('value="17"' in answer.text) == ("multiple" in kinds)
    assert sections_of(track) == before
    assert changes() == []


def test_the_banks_can_be_checked_without_saving(editor: FlaskClient, track: Track, bank: Bank) -> None:
    before = sections_of(track)

    enough = send(editor, track, [section(bank, count=4)], do="check")
    short = send(editor, track, [section(bank, count=5)], do="check")

    assert "题库足够" in enough.text
    assert "第 1 部分需要 5 题，只能确保 4 题可抽" in short.text
    assert sections_of(track) == before


def test_the_list_shows_rules_sections_and_points_of_tracks_that_share_a_bank(
    editor: FlaskClient, track: Track, bank: Bank
) -> None:
    sharing = builders.make_track(
        builders.make_campaign(name="另一个专题"), JobRole.SAFETY_MANAGER, minutes=77, pass_mark=66
    )
    builders.make_blueprint(sharing, bank, {QuestionType.SINGLE: 4})
    bare = builders.make_track(builders.make_campaign(name="空的专题"))
    db.session.commit()

    page = editor.get("/blueprints").text

    own = page.split("另一个专题")[1].split('class="panel')[1]
    assert "77 分钟" in own
    assert "合格线 66%" in own
    assert "总分 20 分" in own
    assert "总分 30 分" in page
    assert page.count(bank.name) >= 4
    assert "还没有组卷规则" in page
    assert editor.get(f"/blueprints/{bare.id}/sample").status_code == 409


def test_a_bank_that_has_shrunk_since_is_named_on_the_list(
    editor: FlaskClient, track: Track, bank: Bank
) -> None:
    ids = db.select(QuestionRevision.question_id).where(QuestionRevision.type == QuestionType.MULTIPLE)
    retired = db.select(Question).where(Question.id.in_(ids), Question.bank_id == bank.id).limit(3)
    for question in db.session.scalars(retired):
        question.state = QuestionState.RETIRED
    db.session.commit()

    assert "第 2 部分需要 2 题，只能确保 1 题可抽" in editor.get("/blueprints").text


def test_a_sample_shows_the_keys_to_staff_and_is_nobodys_attempt(
    app: Flask, editor: FlaskClient, track: Track
) -> None:
    address = f"/blueprints/{track.id}/sample"
    first, again = editor.get(f"{address}?seed=7").text, editor.get(f"{address}?seed=7").text
    other, fresh = editor.get(f"{address}?seed=8").text, editor.get(address).text
    learner = builders.make_learner(track)
    account = builders.make_account()
    learner.account_id = account.id
    db.session.commit()

    assert first == again != other
    assert fresh.count('class="question-row') == first.count('class="question-row') == 6
    assert first.count('class="key"') == 2 + 2 * 2 + 2
    assert "总分 30 分" in first
    assert sign_in(app, account).get(address).status_code == 403
    assert db.session.scalar(db.select(db.func.count()).select_from(Attempt)) == 0


def test_an_administrator_of_one_town_does_not_change_the_districts_papers(app: Flask, track: Track) -> None:
    builders.make_region("wujin")
    builders.make_region("wujin/hutang")
    town = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR, "wujin/hutang")
    district = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR, "wujin")
    db.session.commit()

    assert sign_in(app, town).get(f"/blueprints/{track.id}/edit").status_code == 403
    assert sign_in(app, district).get(f"/blueprints/{track.id}/edit").status_code == 200


def test_the_command_names_shortfalls_and_ends_with_one(app: Flask, track: Track, bank: Bank) -> None:
    run = app.test_cli_runner()

    whole = run.invoke(args=["quiz", "blueprint", "check", "--json"])
    builders.make_blueprint(
        builders.make_track(builders.make_campaign(slug="short")), bank, {QuestionType.SINGLE: 9}
    )
    db.session.commit()
    short = run.invoke(args=["quiz", "blueprint", "check", "--campaign", "short"])
    as_json = run.invoke(args=["quiz", "blueprint", "check", "--campaign", "short", "--json"])
    unknown = run.invoke(args=["quiz", "blueprint", "check", "--campaign", "nowhere"])

    assert whole.exit_code == 0
    assert [one["ready"] for one in json.loads(whole.output)["tracks"]] == [True, True]
    assert short.exit_code == as_json.exit_code == unknown.exit_code == 1
    assert "short key_post: section 1: wanted 9, found 4" in short.output
    (told,) = json.loads(as_json.output)["tracks"]
    assert told["shortfalls"] == [{"section": 1, "wanted": 9, "found": 4}]


def test_sections_in_each_others_way_are_found_although_a_lucky_draw_fills_them() -> None:
    crossing = questions((("甲",), HARD), (("甲",), HARD), ((), HARD), (("甲",), EASY))
    sections = [singles(2, "甲"), singles(2, difficulty=HARD)]
    outcomes = set()
    for seed in range(60):
        try:
            draw_paper(sections, crossing, seed)
            outcomes.add("drawn")
        except BankTooSmall:
            outcomes.add("short")

    assert outcomes == {"drawn", "short"}
    assert [(gap.place, gap.found) for gap in shortfalls(sections, crossing)] == [(2, 1)]
    assert blueprints.FallsShort(shortfalls(sections, crossing)).status == 422
