"""How tests write modules as an editor and study them as a learner."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from quizapp import clock
from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.campaigns.models import Enrolment, Track
from quizapp.coverage import verification
from quizapp.coverage.selection import Selection
from quizapp.extensions import db
from quizapp.study.editor_forms import moment_text
from quizapp.study.models import Module, TrackModule
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

#: The builder's attempts have no paper that could be graded again.
EMPTY_PAPER = "答卷"


ARTICLE = {
    "title": "叉车的起步", "summary": "先看，再鸣笛，再走。", "body": "## 起步\n\n**先看**四周。", "minutes": "1",
    "sources": "《安全生产法》（2021年修正）第四十四条\n\n《特种设备安全法》第三十四条", "published_at": "",
}  # fmt: skip


def post(client: FlaskClient, path: str, **form: Any) -> Any:
    return client.post(path, data={**form, "csrf_token": token(client.get(path).text)})


def create(editor: FlaskClient, **changes: Any) -> Any:
    return post(editor, "/modules/new", **{**ARTICLE, **changes})


def edit(editor: FlaskClient, module: Module, **changes: Any) -> Any:
    return post(editor, f"/modules/{module.id}/edit", **{**ARTICLE, "seen": module.version, **changes})


def written() -> Module:
    db.session.rollback()
    found: Module = db.session.scalars(db.select(Module).order_by(Module.id.desc()).limit(1)).one()
    return found


def placed_in(track: Track, place: int | str = "") -> dict[str, Any]:
    return {f"track-{track.id}": "1", f"place-{track.id}": place}


def order_in(track: Track) -> list[int]:
    db.session.rollback()
    wanted = db.select(TrackModule.module_id).where(TrackModule.track_id == track.id)
    return list(db.session.scalars(wanted.order_by(TrackModule.position)))


class Learner:
    """Somebody on a track who reads modules to their end."""

    def __init__(self, app: Flask, track: Track, time: MovableClock) -> None:
        enrolment = builders.make_learner(track)
        self.account_id, self.campaign_id, self.time = enrolment.account_id, track.campaign_id, time
        self.enterprise_id = enrolment.enterprise_id
        db.session.commit()
        self.client = sign_in(app, db.session.get_one(Account, self.account_id))

    def study(self, module_id: int) -> Any:
        headers = {"X-CSRFToken": token(self.client.get("/me").text)}
        for _ in range(4):
            answer = self.client.post(
                f"/modules/{module_id}/beats", json={"visible_ms": 30_000, "at_end": True}, headers=headers
            )
            self.time.forward(seconds=30)
        return answer

    def pass_quiz(self) -> None:
        enrolment = self.enrolment()
        attempt = builders.make_passed_attempt(enrolment, self.time.moment)
        enrolment.attempt_id, enrolment.passed_at = attempt.id, self.time.moment
        if enrolment.studied_at:
            enrolment.completed_at = self.time.moment
        db.session.commit()

    def enrolment(self) -> Enrolment:
        db.session.rollback()
        wanted = db.select(Enrolment).where(
            Enrolment.account_id == self.account_id, Enrolment.withdrawn_at.is_(None)
        )
        found: Enrolment = db.session.scalars(wanted).one()
        return found


def differences(track: Track) -> list[str]:
    db.session.rollback()
    selection = Selection(campaign_id=track.campaign_id, as_of=clock.now(), scope=Scope(everything=True))
    return [str(one) for one in verification.differences(selection) if EMPTY_PAPER not in str(one)]


def shown(module: Module) -> str:
    return moment_text(module.published_at)


def ask_again(editor: FlaskClient, module: Module, track: Track, **changes: Any) -> Any:
    form = {"body": "## 新的规定", "look_again": "1", "reason": "法律改了", "published_at": shown(module)}
    return edit(editor, module, **{**form, **placed_in(track, 1), **changes})
