"""What a person sees of what is held about them, and what is left of it after the keeping period."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp import clock
from quizapp.accounts import activations, sign_ins
from quizapp.accounts.accounts import add_people
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.accounts.scopes import Scope
from quizapp.audit import log
from quizapp.audit.actors import COMMAND_LINE, Actor
from quizapp.audit.queries import broken_links
from quizapp.campaigns.models import Enrolment
from quizapp.coverage import queries as coverage_queries
from quizapp.coverage import verification
from quizapp.coverage.exports import record_export
from quizapp.coverage.selection import Selection, Status
from quizapp.directory.models import Post
from quizapp.extensions import db
from quizapp.imports.models import ImportRow, ImportRun, ImportState
from quizapp.imports.plans import Fate
from quizapp.people.models import Application, ApplicationState
from quizapp.privacy import keeping
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

NAME = "欧阳修远"


@pytest.fixture
def enrolment(app: Flask) -> Enrolment:
    """Somebody enrolled, beside somebody else in another enterprise."""
    track = builders.make_track(builders.make_campaign())
    builders.make_module(track)
    builders.make_learner(track)
    row = builders.make_enrolment(
        builders.make_account(NAME), track, builders.make_enterprise(builders.make_region("wujin/hutang"))
    )
    db.session.commit()
    return row


@pytest.fixture
def person(enrolment: Enrolment) -> Account:
    account: Account = db.session.get_one(Account, enrolment.account_id)
    return account


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    account = builders.make_account("钱镇长")
    builders.added(
        Grant(
            account_id=account.id,
            kind=GrantKind.DISTRICT_ADMINISTRATOR,
            granted_at=clock.now(),
            region_path=None,
        )
    )
    db.session.commit()
    return sign_in(app, account)


def _selection(enrolment: Enrolment, **parts: object) -> Selection:
    asked = {"campaign_id": enrolment.campaign_id, "as_of": clock.now(), "scope": Scope(everything=True)}
    return Selection(**{**asked, **parts})  # type: ignore[arg-type]  # the fields by name


def _looks(app: Flask, person: Account) -> str:
    page = sign_in(app, person).get("/me/data").text
    return page.split("谁看过或改过")[1].split("</section>")[0]


def test_somebody_sees_what_is_held_about_them_and_nobody_elses(app: Flask, person: Account) -> None:
    other = db.session.scalars(db.select(Post).where(Post.account_id != person.id)).one()
    theirs = db.session.scalar(db.text(f"SELECT name FROM enterprises WHERE id = {other.enterprise_id}"))

    page = sign_in(app, person).get("/me/data").text

    assert NAME in page
    assert "关键岗位人员" in page
    assert theirs not in page
    assert person.phone not in page
    assert "还没有别人查看或更改过您的信息" in page


def test_who_looked_at_a_number_is_told_with_name_and_purpose(
    app: Flask, person: Account, enrolment: Enrolment, staff: FlaskClient
) -> None:
    page = staff.get(f"/enterprises/{enrolment.enterprise_id}").text
    form = {"csrf_token": token(page), "purpose": "电话催办学习"}

    shown = staff.post(f"/posts/{enrolment.post_id}/phone", data=form).text

    assert person.phone in shown
    looks = _looks(app, person)
    assert "查看完整手机号" in looks
    assert "电话催办学习" in looks
    assert "钱镇长" in looks


def test_what_staff_change_about_somebody_is_told(
    app: Flask, person: Account, enrolment: Enrolment, staff: FlaskClient
) -> None:
    page = staff.get(f"/enterprises/{enrolment.enterprise_id}").text
    form = {"csrf_token": token(page), "role": "key_post", "title": "冲压车间主任"}

    staff.post(f"/posts/{enrolment.post_id}", data=form)

    assert "更改职务" in _looks(app, person)


@pytest.mark.parametrize(
    ("parts", "is_told"),
    [
        ({}, True),
        ({"region": "wujin/hutang"}, True),
        ({"region": "wujin/lijia"}, False),
        ({"status": Status.UNTOUCHED}, True),
        ({"status": Status.COMPLETE}, False),
        ({"text": "欧阳"}, True),
        ({"text": "司马"}, False),
        ({"scope": Scope(paths=("wujin/hutang",))}, True),
        ({"scope": Scope(paths=("wujin/lijia",))}, False),
        ({"as_of": clock.now() - timedelta(days=4000)}, False),
    ],
)
def test_a_list_that_left_is_told_to_just_the_people_on_it(
    app: Flask, person: Account, enrolment: Enrolment, parts: dict[str, object], *, is_told: bool
) -> None:
    exporter = builders.make_account("孙督查")
    selection = _selection(enrolment, **parts)
    record_export(Actor(exporter.id, "192.0.2.1"), selection, kind="csv", purpose="督查抽查")
    record_export(Actor(exporter.id, "192.0.2.1"), selection, kind="csv")
    db.session.commit()

    looks = _looks(app, person)

    assert ("孙督查" in looks) is is_told
    assert ("完整手机号" in looks) is is_told
    assert ("手机号已遮盖" in looks) is is_told


def test_a_list_of_then_still_tells_who_was_on_it_after_they_left(
    app: Flask, person: Account, enrolment: Enrolment, moved_clock: MovableClock
) -> None:
    record_export(Actor(None, "command line"), _selection(enrolment), kind="csv")
    moved_clock.forward(days=1)
    enrolment.withdrawn_at = clock.now()
    record_export(Actor(None, "command line"), _selection(enrolment), kind="csv")
    db.session.commit()

    assert _looks(app, person).count("导出含您的名单") == 1


def test_the_log_of_an_export_names_nobody(app: Flask, enrolment: Enrolment) -> None:
    record_export(COMMAND_LINE, _selection(enrolment, text=NAME), kind="csv")
    db.session.commit()

    kept = db.session.scalar(db.text("SELECT detail FROM audit_entries WHERE action = 'list.export'"))

    assert NAME not in json.dumps(kept, ensure_ascii=False)


def test_a_copy_holds_everything_in_full_and_is_on_record(app: Flask, person: Account) -> None:
    builders.added(_application(person.phone))
    db.session.commit()
    client = sign_in(app, person)
    form = {"csrf_token": token(client.get("/me/data").text)}

    answer = client.post("/me/data", data=form)
    copy = json.loads(answer.text)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (copy["name"], copy["phone"]) == (NAME, person.phone)
    assert [len(copy[part]) for part in ("posts", "enrolments", "applications", "sign_ins")] == [1, 1, 1, 1]
    recorded = db.select(db.text("subject FROM audit_entries WHERE action = 'account.copy_data'"))
    assert db.session.scalar(recorded) == f"account:{person.id}"


def _application(phone: str, **values: object) -> Application:
    enterprise = builders.make_enterprise(builders.make_region())
    fields = {
        "enterprise_id": enterprise.id, "number": "0001", "name": NAME, "phone": phone,
        "job_role": "key_post", "title": "", "state": ApplicationState.WAITING, "applied_at": clock.now(),
    }  # fmt: skip
    return Application(**{**fields, **values})


def _leave(enrolment: Enrolment) -> None:
    """Let somebody leave their post, as the roster does."""
    post = db.session.get_one(Post, enrolment.post_id)
    post.ended_at = enrolment.withdrawn_at = clock.now()
    db.session.commit()


DAYS = 1095


def test_who_left_is_due_when_the_keeping_period_is_over(
    person: Account, enrolment: Enrolment, moved_clock: MovableClock
) -> None:
    _leave(enrolment)
    moved_clock.forward(days=DAYS - 1)
    before = keeping.due()
    moved_clock.forward(days=1)

    assert before == []
    assert keeping.due() == [person.id]


@pytest.mark.parametrize("what", ["post", "grant", "grant_withdrawn_lately", "sign_in", "new"])
def test_who_is_still_there_in_any_way_is_not_due(
    person: Account, enrolment: Enrolment, moved_clock: MovableClock, what: str
) -> None:
    if what != "post":
        _leave(enrolment)
    if what.startswith("grant"):
        builders.added(Grant(account_id=person.id, kind=GrantKind.AUDITOR, granted_at=clock.now()))
    moved_clock.forward(days=DAYS + 1)
    if what == "grant_withdrawn_lately":
        db.session.execute(db.update(Grant).values(withdrawn_at=clock.now() - timedelta(days=3)))
    if what == "sign_in":
        sign_ins.begin(person, address="", device="")
    if what == "new":
        person.created_at = clock.now() - timedelta(days=3)
    db.session.commit()

    assert keeping.due() == []


def _everything() -> str:
    """Return all that stands in the database, as one text."""
    return "\n".join(
        f"{table.name} {' | '.join(map(str, row))}"
        for table in db.metadata.sorted_tables
        for row in db.session.execute(db.select(table))
    )


def test_nothing_says_who_it_was_any_more_and_every_figure_stays(
    app: Flask, person: Account, enrolment: Enrolment, moved_clock: MovableClock
) -> None:
    phone = person.phone
    client = sign_in(app, person)
    assert client.get("/").status_code == 200
    activations.issue_code(COMMAND_LINE, person.id)
    builders.added(_application(phone))
    _upload(person.id, f"姓名,手机号\n{NAME},{phone}\n")
    then = clock.now()
    before = coverage_queries.overview(_selection(enrolment, as_of=then))
    moved_clock.forward(days=1)
    _leave(enrolment)
    moved_clock.forward(days=DAYS + 1)
    assert NAME in _everything()

    forgotten = keeping.forget(COMMAND_LINE)
    db.session.commit()

    assert (forgotten.people, forgotten.applications, forgotten.files) == (1, 1, 1)
    kept = _everything()
    assert NAME not in kept
    assert phone not in kept
    assert coverage_queries.overview(_selection(enrolment, as_of=then)) == before
    assert list(verification.differences(_selection(enrolment))) == []
    assert list(broken_links()) == []
    assert client.get("/").status_code == 302
    assert keeping.forget(COMMAND_LINE).people == 0


def test_the_number_of_who_was_forgotten_can_be_somebody_elses(
    person: Account, enrolment: Enrolment, moved_clock: MovableClock
) -> None:
    phone = person.phone
    _leave(enrolment)
    moved_clock.forward(days=DAYS + 1)
    keeping.forget(COMMAND_LINE)
    add_people([(phone, "别人")])
    db.session.commit()

    names = db.select(Account.name).where(Account.phone == phone)
    assert list(db.session.scalars(names)) == ["别人"]


def _upload(account_id: int, content: str, state: ImportState = ImportState.PLANNED) -> int:
    run = ImportRun(
        kind="roster", target="keep", filename="名册.csv", digest="0" * 64, content=content.encode(),
        plan={"counts": {fate.value: 0 for fate in Fate}, "repaired": [], "digest": ""}, state=state,
        created_by=account_id, created_at=clock.now(),
        applied_at=clock.now() if state is ImportState.APPLIED else None,
    )  # fmt: skip
    builders.added(run)
    row = {"sheet": "", "row": 2, "title": content, "content": {"what": "person"}, "note": None}
    builders.added(ImportRow(run_id=run.id, position=0, fate=Fate.NEW, document=row))
    return run.id


def test_uploads_and_applications_go_after_ninety_days_and_not_before(
    person: Account, moved_clock: MovableClock
) -> None:
    applied = _upload(person.id, "甲", ImportState.APPLIED)
    planned = _upload(person.id, "乙")
    builders.added(_application("13900000000"))
    db.session.commit()

    moved_clock.forward(days=90)
    early = keeping.forget(COMMAND_LINE)
    moved_clock.forward(seconds=1)
    late = keeping.forget(COMMAND_LINE)

    assert (early.files, early.applications) == (0, 0)
    assert (late.files, late.applications) == (2, 1)
    assert db.session.scalar(db.select(ImportRow)) is None
    states = db.session.execute(db.select(ImportRun.id, ImportRun.state))
    assert {row.id: row.state for row in states} == {
        applied: ImportState.APPLIED,
        planned: ImportState.UNREADABLE,
    }
    assert keeping.forget(COMMAND_LINE).files == 0


def test_a_forgotten_upload_says_so_and_cannot_be_applied(app: Flask, moved_clock: MovableClock) -> None:
    clerk = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    run_id = _upload(clerk.id, "乙")
    db.session.commit()
    moved_clock.forward(days=91)
    keeping.forget(COMMAND_LINE)
    db.session.commit()
    client = sign_in(app, clerk)

    page = client.get(f"/roster/imports/{run_id}").text
    answer = client.post(f"/roster/imports/{run_id}/apply", data={"csrf_token": token(page)})

    assert "已按保存期限删除" in page
    assert answer.status_code == 409
    assert client.get(f"/roster/imports/{run_id}/refused.xlsx").status_code == 404


def test_the_command_says_who_is_due_and_forgets_them(
    app: Flask, person: Account, enrolment: Enrolment, moved_clock: MovableClock
) -> None:
    _leave(enrolment)
    moved_clock.forward(days=DAYS + 1)
    run = app.test_cli_runner()

    said = run.invoke(args=["privacy", "anonymise", "--dry-run", "--json"])
    done = run.invoke(args=["privacy", "anonymise", "--json"])

    assert json.loads(said.output) == {"due": 1}
    assert json.loads(done.output)["people"] == 1
    assert db.session.scalar(db.select(Account.name).where(Account.id == person.id)) == "（已匿名）"


def test_somebody_who_is_anonymised_shows_no_number_on_a_list(
    app: Flask, person: Account, enrolment: Enrolment, staff: FlaskClient, moved_clock: MovableClock
) -> None:
    log.record(COMMAND_LINE, "demo.load", "district")
    _leave(enrolment)
    day = clock.now().date().isoformat()
    moved_clock.forward(days=DAYS + 1)
    keeping.forget(COMMAND_LINE)
    auditor = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()

    page = sign_in(app, auditor).get(f"/coverage/list?as_of={day}").text

    assert page.count("<tbody>") == 1
    assert "A0000" not in page
