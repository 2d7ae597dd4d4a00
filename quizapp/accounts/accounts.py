"""What is done with accounts: made, given a new password, signed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import current_app
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.accounts import queries, sign_ins, throttling
from quizapp.accounts.models import Account
from quizapp.accounts.passwords import hash_password, is_easily_guessed, is_password, kinds_of_signs
from quizapp.accounts.signed_in import SignedIn
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import insert_unless_there, reading_apart, refuse
from quizapp.errors import Conflict, Invalid, NotAllowed
from quizapp.extensions import db
from quizapp.messages import M

SHORTEST_PASSWORD = 8
PHONE_DIGITS = 11
LONGEST_NAME = 60


class WrongCredentials(NotAllowed):
    """Phone number and password do not belong together; which one is wrong is not told."""

    def __init__(self) -> None:
        super().__init__(M("手机号或密码不正确。"))


class NameDiffers(Conflict):
    """The phone number belongs to somebody of another name, which is not told."""

    def __init__(self) -> None:
        super().__init__(M("这个手机号登记的是另一个姓名。请核对；确属同一人的，请联系属地工作人员更正。"))


class AccountExists(Conflict):
    """The phone number has an account already."""

    def __init__(self) -> None:
        super().__init__(M("该手机号已有账号。"))


def create_account(actor: Actor, *, phone: str, name: str, password: str) -> Account:
    """Make an account. Raises Invalid or AccountExists."""
    _check_phone(phone)
    check_password(password, phone, name)
    now = clock.now()
    account = Account(
        phone=phone,
        name=name,
        password_hash=hash_password(password),
        password_set_at=now,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError as error:
        refuse(error, {"uq_accounts_phone": AccountExists()})
    log.record(actor, "account.create", f"account:{account.id}")
    return account


def find_or_add(actor: Actor, *, phone: str, name: str) -> int:
    """Return the id of the person's account, made without a password if there is none yet.

    Raises Invalid, and NameDiffers when the number belongs to another name.
    """
    check_person(phone, name)
    held = queries.names_by_phone([phone])
    if phone not in held:
        add_people([(phone, name)])
        held = queries.names_by_phone([phone])
        log.record(actor, "account.create", f"account:{held[phone].id}")
    known = held[phone]
    if known.name != name:
        raise NameDiffers
    return known.id


def add_people(people: Iterable[tuple[str, str]]) -> None:
    """Make accounts without a password for (phone number, name), checked; who has one, keeps it."""
    now = clock.now()
    rows = [{"phone": phone, "name": name, "created_at": now} for phone, name in people]
    if rows:
        db.session.execute(insert_unless_there(db.session, Account), rows)


def check_person(phone: str, name: str) -> None:
    """Raise Invalid when a phone number or a name cannot be."""
    _check_phone(phone)
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(M("请填写姓名，最多 %(most)s 字。", most=LONGEST_NAME))


def set_password(actor: Actor, account: Account, password: str) -> None:
    """Give the account a new password and end all its sign-ins. Raises Invalid."""
    check_password(password, account.phone, account.name, current_app.config["WORDS_AROUND"](account.id))
    account.password_hash = hash_password(password)
    account.password_set_at = clock.now()
    db.session.flush()
    sign_ins.end_all(account.id)
    log.record(actor, "account.reset_password", f"account:{account.id}")


def set_first_password(actor: Actor, account_id: int, password_hash: str) -> None:
    """Give an account that has no password the one that was checked and hashed before."""
    account = db.session.get_one(Account, account_id)
    if account.password_hash is not None:
        raise Conflict(M("这个账号已有密码。"))
    account.password_hash, account.password_set_at = password_hash, clock.now()
    db.session.flush()
    log.record(actor, "account.set_password", f"account:{account_id}")


def prove(actor: Actor, phone: str, password: str) -> tuple[Account, bool]:
    """Return the account that phone number and password open, and whether it asks for a second factor.

    Raises TooManyTries, and WrongCredentials after the same work, whether or not the account exists.
    """
    with reading_apart(db.session()):
        has_failures = throttling.check("sign_in", phone, actor.address)
        account, has_second_factor = queries.find_to_sign_in(phone) or (None, False)
    fits = is_password(password, account.password_hash if account else None)
    if account is None or not fits or not account.is_active:
        raise WrongCredentials
    if has_failures:
        throttling.forget("sign_in", phone)
    return account, has_second_factor


def sign_in(actor: Actor, account: Account, device: str) -> SignedIn:
    """Sign in on a device who has proved to be this account, and record it."""
    entered = sign_ins.begin(account, address=actor.address, device=device)
    detail = {"sign_in": entered.sign_in_id}
    log.record(Actor(account.id, actor.address), "account.sign_in", f"account:{account.id}", detail)
    return entered


def change_password(actor: Actor, account: Account, current: str, new: str) -> None:
    """Give the own account a new password and end all its sign-ins.

    Raises TooManyTries, WrongCredentials when the current password is another, and Invalid.
    """
    throttling.check("sign_in", account.phone, actor.address)
    if not is_password(current, account.password_hash):
        raise WrongCredentials
    if current == new:
        raise Invalid(M("新密码与现在的密码相同。"))
    set_password(actor, account, new)


def record_refused_sign_in(actor: Actor, phone: str) -> None:
    """Count and record that a sign-in was refused, naming the account if there is one, never the number."""
    throttling.count_failure("sign_in", phone, actor.address)
    account = queries.find_by_phone(phone)
    subject = f"account:{account.id}" if account else "account:unknown"
    log.record(actor, "account.refuse_sign_in", subject)


def _check_phone(phone: str) -> None:
    if len(phone) != PHONE_DIGITS or not phone.isascii() or not phone.isdecimal():
        raise Invalid(M("手机号应为 11 位数字。"))


def check_password(password: str, phone: str, name: str, own_words: Sequence[str] = ()) -> None:
    """Raise Invalid for a password that is too short, common, or made of the person's own data or words.

    ASVS 5.0, 6.2: length and lists of known passwords; rules of composition only where the setting asks.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(M("密码至少 %(length)s 个字符。", length=SHORTEST_PASSWORD))
    classes = current_app.config["SETTINGS"].password_classes
    if kinds_of_signs(password) < classes:
        raise Invalid(
            M("密码须含小写字母、大写字母、数字、其他符号中的至少 %(classes)s 种。", classes=classes)
        )
    if is_easily_guessed(password, (phone, phone[-8:], phone[-6:], name, *own_words)):
        raise Invalid(M("这个密码太常见，或与您的手机号、姓名、单位相近，容易被猜到。请换一个。"))
