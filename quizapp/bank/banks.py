"""What is done with banks: made, and filled from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries, reading
from quizapp.bank.documents import content_from
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.matching import KnownQuestion, plan_import
from quizapp.bank.models import Bank, Question, QuestionRevision
from quizapp.bank.questions import QuestionState, fingerprint
from quizapp.bank.revising import revision_of
from quizapp.database import refuse
from quizapp.errors import Conflict, Invalid
from quizapp.extensions import db
from quizapp.files import store
from quizapp.imports.plans import Fate, Plan, PlannedRow, Tick
from quizapp.messages import M


class BankExists(Conflict):
    """The short name is taken."""

    def __init__(self) -> None:
        super().__init__(M("这个题库标识已经被使用，请换一个。"))


def create_bank(actor: Actor, *, slug: str, name: str) -> Bank:
    """Make an empty bank. Raises Invalid or BankExists."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 60:  # noqa: PLR2004 - the column's length
        raise Invalid(M("题库标识只能用小写字母、数字和连字符，最多 60 个字符。"))
    bank = Bank(slug=slug, name=name, created_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(bank)
    except IntegrityError as error:
        refuse(error, {"uq_banks_slug": BankExists()})
    log.record(actor, "bank.create", f"bank:{slug}", {"name": name})
    return bank


def importer_for(target: str, _account_id: int) -> BankImporter:
    """Return the importer into the bank with this slug."""
    return BankImporter(target)


@dataclass(frozen=True, slots=True)
class BankImporter:
    """Brings questions into one bank through the import pipeline."""

    target: str
    #: The format that the file has; "" tells it by ending and content.
    format_name: str = ""
    kind: ClassVar[str] = "bank"

    def parse(self, content: bytes, filename: str) -> ParsedBank:
        """Read a file of any known format in a child process. Raises UnreadableFile."""
        return reading.read_bank(content, filename, self.format_name)

    def hold(self) -> None:
        """Keep other imports into this bank out."""
        _lock(self.target)

    def plan(self, parsed: ParsedBank, tick: Tick) -> Plan:
        """Compare the questions with the bank."""
        bank_id = queries.get_bank(self.target).id
        return plan_import(parsed, [_known(*row) for row in queries.revisions_in_force(bank_id)], tick)

    def stow(self, plan: Plan, actor: Actor) -> None:
        """Keep the pictures."""
        store.keep_pictures(actor, plan.carried.values())

    def apply(self, plan: Plan, actor: Actor) -> None:
        """Write new questions, and a next revision of changed ones."""
        store.keep_pictures(actor, plan.carried.values())
        bank_id = queries.get_bank(self.target).id
        changed = {row.content["question"] for row in plan.rows if row.fate is Fate.CHANGED}
        held = {
            question.id: question
            for question, _ in queries.revisions_in_force(bank_id)
            if question.id in changed
        }
        _add(bank_id, [row for row in plan.rows if row.fate is Fate.NEW], actor)
        for row in plan.rows:
            if row.fate is Fate.CHANGED:
                _revise(held[row.content["question"]], row, actor)
        db.session.flush()


def _lock(slug: str) -> int:
    queries.get_bank(slug)
    return db.session.execute(select(Bank.id).where(Bank.slug == slug).with_for_update()).scalar_one()


def _known(question: Question, revision: QuestionRevision) -> KnownQuestion:
    return KnownQuestion(
        question.id, question.code, question.fingerprint, queries.content_of(revision, question.code)
    )


def _add(bank_id: int, rows: list[PlannedRow], actor: Actor) -> None:
    contents = [content_from(row.content) for row in rows]
    questions = [
        Question(
            bank_id=bank_id,
            code=content.code,
            fingerprint=fingerprint(content),
            state=QuestionState.ACTIVE,
            revision=1,
        )
        for content in contents
    ]
    db.session.add_all(questions)
    db.session.flush()
    db.session.add_all(
        revision_of(question, content, actor) for question, content in zip(questions, contents, strict=True)
    )


def _revise(question: Question, row: PlannedRow, actor: Actor) -> None:
    content = content_from(row.content)
    question.revision += 1
    question.fingerprint = fingerprint(content)
    question.code = content.code or question.code
    db.session.add(revision_of(question, content, actor))
