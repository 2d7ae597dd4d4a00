"""Threat 22: somebody guesses passwords and codes, or learns from the answers which numbers have an account."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from quizapp import clock
from quizapp.accounts import accounts, activations, throttling
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, ActivationCode
from quizapp.accounts.passwords import hash_password
from quizapp.audit.actors import COMMAND_LINE, Actor
from quizapp.extensions import db
from tests import builders, servers
from tests.conftest import MovableClock
from tests.pages import sign_in, token
from tests.threats.district import make_district
from tests.threats.visitors import Visitor
from tests.web.test_statements import statements

GUESSES = 10_000
GUESSED_CODES = 300
COLLEAGUES = 500
WRONG = "not the password"
NEW_PASSWORD = "chongya-banzhang-77"


def most_tries(period: timedelta) -> int:
    """How many wrong tries of one number the rule lets through within a period: the free ones, then one after each wait."""
    tries, passed, wait = throttling.FREE_FAILURES, timedelta(), timedelta(minutes=1)
    while (passed := passed + wait) <= period:
        tries += 1
        wait = min(throttling.LONGEST_WAIT, wait * 2)
    return tries


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts how often a password is really compared with a hash: in all, and by what the hash costs."""
    counted: Counter[str] = Counter()
    verify = PasswordHasher.verify

    def counting(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
        counted["all"] += 1
        counted[password_hash.rpartition("$")[0].rpartition("$")[0]] += 1
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    return counted


class Guesser:
    """Sends one form again and again, from any address."""

    def __init__(self, client: FlaskClient, page: str) -> None:
        self._client, self._page = client, page
        self._token = token(client.get(page).text)

    def __call__(self, address: str = "10.0.0.1", **form: str) -> TestResponse:
        sent = {"csrf_token": self._token, **form}
        return self._client.post(self._page, data=sent, environ_base={"REMOTE_ADDR": address})


@pytest.fixture
def hurry(app: Flask) -> Iterator[None]:
    """What is written is not waited for: thousands of guesses are, and no power is cut here."""
    engine = db.engine
    word = "PRAGMA synchronous=OFF" if engine.dialect.name == "sqlite" else "SET synchronous_commit = off"

    def be_quick(connection: Any, _record: Any) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(word)
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", be_quick)
    yield
    event.remove(engine, "connect", be_quick)
    db.session.rollback()
    engine.dispose()


def make_accounts(how_many: int) -> list[str]:
    """Accounts with one password for all; return their numbers."""
    same = hash_password(builders.PASSWORD)
    phones = [builders.make_account(password_hash=same).phone for _ in range(how_many)]
    db.session.commit()
    return phones


def is_compared(phone: str, address: str = "10.0.0.1") -> bool:
    """Try a wrong password, as the sign-in page does; say whether it was compared at all."""
    actor = Actor(None, address)
    try:
        accounts.prove(actor, phone, WRONG)
    except throttling.TooManyTries:
        db.session.rollback()
        return False
    except accounts.WrongCredentials:
        accounts.record_refused_sign_in(actor, phone)
        db.session.commit()
        return True
    raise AssertionError("the wrong password opened an account")


def test_of_ten_thousand_guesses_at_one_number_in_a_day_few_are_compared(
    app: Flask, hurry: None, moved_clock: MovableClock, comparisons: Counter[str]
) -> None:
    (phone,), day = make_accounts(1), timedelta(days=1)

    compared = 0
    for _ in range(GUESSES):
        compared += is_compared(phone)
        moved_clock.forward(seconds=day.total_seconds() / GUESSES)

    assert comparisons["all"] == compared
    assert most_tries(day) - 2 <= compared <= most_tries(day) == 56


@pytest.mark.parametrize(
    ("addresses", "numbers", "guesses", "most"),
    [(1, 1, 100, 5), (100, 1, 200, 5), (1, 1000, 400, 300), (100, 1000, GUESSES, 5000)],
)
def test_in_one_moment_no_more_are_compared_than_are_free(
    app: Flask, hurry: None, comparisons: Counter[str], addresses: int, numbers: int, guesses: int, most: int
) -> None:
    phones = make_accounts(numbers)

    compared = sum(
        is_compared(phones[number * 7 % numbers], f"10.0.0.{number % addresses}") for number in range(guesses)
    )

    assert compared == comparisons["all"] == most
    assert most == min(numbers * throttling.FREE_FAILURES, addresses * throttling.MOST_BY_ADDRESS["sign_in"])


def test_one_address_is_let_through_three_hundred_times_in_ten_minutes_for_all_numbers(
    app: Flask, hurry: None, moved_clock: MovableClock, comparisons: Counter[str]
) -> None:
    phones, period = make_accounts(1000), 2 * throttling.ADDRESS_WINDOW

    for phone in phones:
        is_compared(phone)
        moved_clock.forward(seconds=period.total_seconds() / len(phones))

    most = throttling.MOST_BY_ADDRESS["sign_in"]
    assert most < comparisons["all"] <= 2 * most


def test_who_mistypes_in_the_same_moment_holds_up_no_colleague(app: Flask, moved_clock: MovableClock) -> None:
    hasty, colleague = make_accounts(2)
    moved_clock.forward(seconds=1)
    assert is_compared(hasty)
    moved_clock.forward(seconds=-1)  # the colleague's request began before the other's failure was kept

    answer = Guesser(app.test_client(), "/sign-in")(phone=colleague, password=builders.PASSWORD)

    assert answer.status_code == 302


def test_days_of_patience_make_no_more_guesses_free(
    app: Flask, hurry: None, moved_clock: MovableClock, comparisons: Counter[str]
) -> None:
    (phone,), days = make_accounts(1), 10

    for _ in range(days * 24 * 6):
        is_compared(phone)
        moved_clock.forward(minutes=10)

    a_day = timedelta(days=1)
    assert comparisons["all"] <= most_tries(a_day) + (days - 1) * (a_day // throttling.LONGEST_WAIT)


def test_an_activation_code_is_dead_after_ten_guesses_from_anywhere(
    app: Flask, moved_clock: MovableClock
) -> None:
    account = builders.make_account(password_hash=None)
    code = activations.issue_code(COMMAND_LINE, account.id)
    db.session.commit()
    phone, guess = account.phone, Guesser(app.test_client(), "/activate")
    form = {"phone": phone, "password": NEW_PASSWORD}

    answers: Counter[int] = Counter()
    for number in range(GUESSED_CODES):
        answers[guess(f"10.0.{number % 100}.1", code=f"ABCD-{number:04d}", **form).status_code] += 1
        moved_clock.forward(minutes=2)
    moved_clock.forward(days=1)

    assert answers[403] + answers[429] == GUESSED_CODES
    assert answers[403] <= most_tries(timedelta(minutes=2 * GUESSED_CODES))
    assert db.session.scalars(db.select(ActivationCode.failures)).one() >= activations.MOST_FAILURES
    assert guess(code=code, **form).status_code == 403


def test_ten_wrong_codes_leave_the_right_one_alive_for_nobody_but_nine_do(
    app: Flask, moved_clock: MovableClock
) -> None:
    account = builders.make_account(password_hash=None)
    code = activations.issue_code(COMMAND_LINE, account.id)
    db.session.commit()
    form = {"phone": account.phone, "password": NEW_PASSWORD}
    guess = Guesser(app.test_client(), "/activate")
    for _ in range(activations.MOST_FAILURES - 1):
        assert guess(code="ABCD-2345", **form).status_code == 403
        moved_clock.forward(hours=1)

    assert guess(code=code, **form).status_code == 302


def test_few_second_factor_codes_are_compared_though_the_password_is_known(
    app: Flask, moved_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    settings = replace(app.config["SETTINGS"], second_factor_for=("auditor",))
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    owner = sign_in(app, account)
    owner.post("/me/second-factor/begin", data={"csrf_token": token(owner.get("/me/second-factor").text)})
    page = owner.get("/me/second-factor").text
    secret = re.search(r'class="secret">(\w+)<', page)
    assert secret
    code = pyotp.TOTP(secret[1]).at(clock.now())
    owner.post("/me/second-factor/confirm", data={"csrf_token": token(page), "code": code})
    phone, period = account.phone, timedelta(hours=10)

    answers: Counter[int] = Counter()
    thief = app.test_client()
    for number in range(GUESSED_CODES):
        if number % 2 == 0:  # what the password opened counts for five minutes
            assert Guesser(thief, "/sign-in")(phone=phone, password=builders.PASSWORD).status_code == 302
            guess = Guesser(thief, "/sign-in/code")
        answers[guess(code=f"{number:06d}").status_code] += 1
        moved_clock.forward(seconds=period.total_seconds() / GUESSED_CODES)

    assert answers[403] + answers[429] == GUESSED_CODES
    assert answers[403] <= most_tries(period)
    assert answers[403] >= throttling.FREE_FAILURES


def test_a_contact_lifts_the_limit_for_nobody_but_their_own(app: Flask, comparisons: Counter[str]) -> None:
    here, there, _ = make_district().towns.values()
    moonlighter = there.learner
    posts = {
        "own": (here.learner.phone, here.posts["learner"]),
        "elsewhere too": (moonlighter.phone, _post(here.enterprise.id, moonlighter)),
        "staff": (there.staff.phone, _post(here.enterprise.id, there.staff)),
        "left": (here.leaver.phone, here.posts["leaver"]),
    }
    db.session.commit()
    contact = sign_in(app, here.contact)
    form = {"csrf_token": token(contact.get("/me").text)}
    guess = Guesser(app.test_client(), "/sign-in")

    statuses, compared = {}, {}
    for who, (phone, post_id) in posts.items():
        before = comparisons["all"]
        for _ in range(3):
            for _ in range(10):
                guess(phone=phone, password=WRONG)
            statuses[who] = contact.post(f"/posts/{post_id}/unlock", data=form).status_code
        compared[who] = comparisons["all"] - before

    assert statuses == {"own": 302, "elsewhere too": 403, "staff": 403, "left": 404}
    assert compared == {"own": 15, "elsewhere too": 5, "staff": 5, "left": 5}


def _post(enterprise_id: int, account: Account) -> int:
    from quizapp.directory.models import Post
    from quizapp.directory.roles import JobRole

    post = Post(
        account_id=account.id, enterprise_id=enterprise_id, job_role=JobRole.PRINCIPAL, started_at=clock.now()
    )
    builders.added(post)
    return post.id


def make_kinds() -> dict[str, str]:
    """One number of each kind that a guesser would like to tell apart."""
    people = {
        "known": builders.make_account(),
        "without password": builders.make_account(password_hash=None),
        "disabled": builders.make_account(disabled_at=clock.now()),
        "staff": builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR),
        "with a code": builders.make_account(password_hash=None),
        "disabled with a code": builders.make_account(disabled_at=clock.now()),
    }
    for who, account in people.items():
        if "code" in who:
            activations.issue_code(COMMAND_LINE, account.id)
    db.session.commit()
    return {"unknown": "13900009999", **{who: account.phone for who, account in people.items()}}


FORMS = {
    "/sign-in": {"password": WRONG},
    "/activate": {"code": "ABCD-2345", "password": NEW_PASSWORD},
}


def seen(answer: TestResponse, phone: str) -> tuple[int, str, dict[str, str]]:
    """All that an answer tells, without what is the asker's own: their form token, cookie and number."""
    body = re.sub(r'(name="csrf_token" value)="[^"]*"', r"\1", answer.text).replace(phone, "…")
    headers = dict(answer.headers)
    headers["Set-Cookie"] = re.sub(r"session=[^;]*", "", headers.get("Set-Cookie", ""))
    return answer.status_code, body, headers


@pytest.mark.parametrize("page", FORMS)
def test_every_kind_of_number_is_answered_alike_also_when_it_must_wait(app: Flask, page: str) -> None:
    answers: dict[str, list[tuple[int, str, dict[str, str]]]] = {}
    for who, phone in make_kinds().items():
        guess = Guesser(app.test_client(), page)
        answers[who] = [seen(guess(phone=phone, **FORMS[page]), phone) for _ in range(8)]

    assert [status for status, _, _ in answers["known"]] == [403] * 5 + [429] * 3
    assert answers == dict.fromkeys(answers, answers["unknown"])


@contextmanager
def work_done(comparisons: Counter[str], sent: list[list[str]]) -> Iterator[None]:
    """Note the statements, with what they write, and the comparisons that happen meanwhile."""
    before = comparisons.copy()
    with statements() as found:
        yield
    sent.append([*found, *sorted((comparisons - before).elements())])


@pytest.mark.parametrize("page", FORMS)
def test_every_kind_of_number_costs_the_same_statements_and_hashings(
    app: Flask, comparisons: Counter[str], page: str
) -> None:
    work: dict[str, list[list[str]]] = {}
    for who, phone in make_kinds().items():
        guess, work[who] = Guesser(app.test_client(), page), []
        for _ in range(7):  # the last two must wait
            with work_done(comparisons, work[who]):
                guess(phone=phone, **FORMS[page])

    assert all(len(done) > 3 for done in work["unknown"][:5])
    assert work == dict.fromkeys(work, work["unknown"])


def test_five_hundred_behind_one_address_get_in_though_a_fifth_mistypes(real_time_app: Flask) -> None:
    phones = make_accounts(COLLEAGUES)

    def come_in(site: str) -> Callable[[int], list[int]]:
        def one(number: int) -> list[int]:
            visitor = Visitor(site)
            tries = [WRONG] * (number % 5 == 0) + [builders.PASSWORD]
            return [visitor.sign_in(phones[number], password).status for password in tries]

        return one

    with (
        servers.gunicorn(servers.environment_of(real_time_app.config["SETTINGS"])) as site,
        ThreadPoolExecutor(8) as crowd,
    ):
        begun = clock.now()
        statuses = list(crowd.map(come_in(site), range(COLLEAGUES)))
        took = clock.now() - begun

    assert took < throttling.ADDRESS_WINDOW
    assert Counter(map(tuple, statuses)) == {(302,): 400, (403, 302): 100}
