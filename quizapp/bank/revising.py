"""What is done with one question: written, revised, retired, restored, tagged; a wrong key corrected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries
from quizapp.bank.documents import key_document, key_of, shown_parts
from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.matching import FIELD_NAMES
from quizapp.bank.models import KeyCorrection, Question, QuestionRevision
from quizapp.bank.questions import AnswerKey, QuestionContent, QuestionState, fingerprint
from quizapp.database import refuse
from quizapp.errors import Conflict, Invalid
from quizapp.extensions import db
from quizapp.messages import M


class QuestionExists(Conflict):
    """The bank has this question already."""

    def __init__(self) -> None:
        super().__init__(M("题库中已有相同的题目（题型、题干和选项都相同）。"))


class CodeTaken(Conflict):
    """Another question of the bank has this number."""

    def __init__(self) -> None:
        super().__init__(M("题库中另一道题已用这个编号。"))


class RevisionOutdated(Conflict):
    """Somebody else has revised the question meanwhile."""

    def __init__(self) -> None:
        super().__init__(M("这道题刚被别人改过，您的修改没有保存。请刷新后在新版本上再改。"))


class AnotherQuestion(Conflict):
    """With other options or another type, one revision's key says nothing about the other's answers."""

    def __init__(self) -> None:
        super().__init__(
            M("题型、选项或填空有改动，不能按新答案重新评分。请先只改答案，重新评分后再改其他内容。")
        )


def revision_of(question: Question, content: QuestionContent, actor: Actor) -> QuestionRevision:
    """Return the revision in which a question stands as this content."""
    return QuestionRevision(
        question_id=question.id,
        number=question.revision,
        type=content.type,
        stem=content.stem,
        options=list(content.options),
        key=key_document(content),
        parts=shown_parts(content),
        explanation=content.explanation,
        source=content.source,
        tags=list(content.tags),
        difficulty=content.difficulty,
        roles=list(content.roles),
        created_at=clock.now(),
        created_by=actor.account_id,
    )


def add_question(actor: Actor, bank_id: int, content: QuestionContent) -> Question:
    """Put a new question into a bank. Raises Invalid, QuestionExists and CodeTaken."""
    _check(content)
    question = Question(
        bank_id=bank_id,
        code=content.code,
        fingerprint=fingerprint(content),
        state=QuestionState.ACTIVE,
        revision=1,
    )
    with _named_clashes():
        db.session.add(question)
    db.session.add(revision_of(question, content, actor))
    db.session.flush()
    log.record(actor, "question.add", f"question:{question.id}", {"type": content.type.value})
    return question


def revise(
    actor: Actor, question: Question, content: QuestionContent, *, seen: int
) -> QuestionRevision | None:
    """Make the next revision of a question; None when nothing changes.

    `seen` is the number of the revision that it was made from. Raises Invalid, RevisionOutdated,
    QuestionExists and CodeTaken.
    """
    _check(content)
    locked = _locked(question.id)
    if locked.revision != seen:
        raise RevisionOutdated
    before = queries.content_of(queries.get_revision(question.id, seen), locked.code)
    changed = changed_fields(before, content)
    if not changed:
        return None
    with _named_clashes():
        locked.revision += 1
        locked.fingerprint = fingerprint(content)
        locked.code = content.code
        db.session.flush()
    made = revision_of(locked, content, actor)
    db.session.add(made)
    db.session.flush()
    log.record(
        actor, "question.revise", f"question:{question.id}", {"revision": made.number, "changed": changed}
    )
    return made


def changed_fields(before: QuestionContent, after: QuestionContent) -> list[str]:
    """Return the names of what differs."""
    changed = [name for name in FIELD_NAMES if getattr(before, name) != getattr(after, name)]
    return [*changed, *(["code"] if before.code != after.code else [])]


def set_state(actor: Actor, question: Question, state: QuestionState) -> bool:
    """Retire a question from all papers to come, or restore it; False when it stands so."""
    locked = _locked(question.id)
    if locked.state is state:
        return False
    locked.state = state
    db.session.flush()
    verb = "retire" if state is QuestionState.RETIRED else "restore"
    log.record(actor, f"question.{verb}", f"question:{question.id}")
    return True


def tag_many(
    actor: Actor, bank_id: int, question_ids: Collection[int], *, add: Iterable[str], remove: Iterable[str]
) -> int:
    """Give many questions of a bank tags, or take them away; return how many changed. Raises Invalid."""
    added, removed, changed = list(add), set(remove), 0
    for question, revision in queries.questions_among(bank_id, question_ids):
        content = queries.content_of(revision, question.code)
        kept = [tag for tag in content.tags if tag not in removed]
        tags = tuple(dict.fromkeys([*kept, *added]))
        changed += revise(actor, question, replace(content, tags=tags), seen=question.revision) is not None
    return changed


@dataclass(frozen=True, slots=True)
class Corrected:
    """A key that counts from now on, whose it is, and the revisions whose answers are graded by it."""

    key_revision_id: int
    key: AnswerKey
    touched: tuple[int, ...]


def correct_key(question_id: int, *, wrong: int, right: int) -> Corrected:
    """Let answers to one revision of a question, by number, be graded by another's key from now on.

    Revisions whose key the wrong one had corrected go along. Raises NotFound and AnotherQuestion.
    """
    from_, to = queries.get_revision(question_id, wrong), queries.get_revision(question_id, right)
    if not asks_the_same(queries.content_of(from_), queries.content_of(to)):
        raise AnotherQuestion
    touched = (from_.id, *queries.corrected_by(from_.id))
    db.session.execute(
        insert(KeyCorrection),
        [
            {"revision_id": revision_id, "key_revision_id": to.id, "corrected_at": clock.now()}
            for revision_id in touched
        ],
    )
    return Corrected(to.id, key_of(queries.content_of(to)), touched)


def asks_the_same(one: QuestionContent, other: QuestionContent) -> bool:
    """Say whether an answer to one can be graded by the key of the other."""
    same = one.type is other.type and one.options == other.options and len(one.blanks) == len(other.blanks)
    return (
        same
        and len(one.parts) == len(other.parts)
        and all(asks_the_same(*parts) for parts in zip(one.parts, other.parts, strict=True))
    )


def _check(content: QuestionContent) -> None:
    try:
        check_question(content)
    except BadQuestion as error:
        raise Invalid(error.message) from error


@contextmanager
def _named_clashes() -> Iterator[None]:
    """Turn a clash of what is written within into its named refusal."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        refuse(
            error,
            {
                "uq_questions_bank_id_fingerprint": QuestionExists(),
                "uq_questions_code": CodeTaken(),
            },
        )


def _locked(question_id: int) -> Question:
    wanted = select(Question).where(Question.id == question_id)
    found: Question = db.session.scalars(
        wanted.with_for_update().execution_options(populate_existing=True)
    ).one()
    return found
