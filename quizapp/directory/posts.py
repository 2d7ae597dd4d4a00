"""What is done with posts: begun and ended; a change of role ends one and begins the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks, refuse
from quizapp.directory.models import Post
from quizapp.directory.roles import JobRole
from quizapp.errors import Conflict, Invalid
from quizapp.extensions import db
from quizapp.messages import M

LONGEST_TITLE = 60


class PostHeld(Conflict):
    """The person holds this role in this enterprise already."""

    def __init__(self) -> None:
        super().__init__(M("此人在本企业已登记这个岗位类别。"))


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPost:
    """A role that somebody takes up in an enterprise."""

    account_id: int
    enterprise_id: int
    job_role: JobRole
    #: What the enterprise calls it.
    title: str = ""


def begin(actor: Actor, post: NewPost, at: datetime) -> int:
    """Let somebody hold a role from a moment on; return the post's id. Raises Invalid and PostHeld."""
    _check_title(post.title)
    try:
        with db.session.begin_nested():
            (post_id,) = begin_many([post], at)
    except IntegrityError as error:
        refuse(error, {"uq_posts_held": PostHeld()})
    log.record(actor, "post.begin", f"post:{post_id}", {"after": asdict(post)})
    return post_id


def begin_many(many: Sequence[NewPost], at: datetime) -> list[int]:
    """Begin posts that nobody holds yet, return their ids in the same order."""
    if not many:
        return []
    return list(
        db.session.scalars(
            insert(Post).returning(Post.id, sort_by_parameter_order=True),
            [{**asdict(post), "started_at": at} for post in many],
        )
    )


def end(actor: Actor, post: Post, at: datetime, reason: str = "") -> None:
    """Let a post end; one that has ended stays as it is."""
    if post.ended_at is not None:
        return
    end_many([post.id], at)
    db.session.refresh(post)
    log.record(actor, "post.end", f"post:{post.id}", {"reason": reason.strip()[:200]})


def end_many(post_ids: Iterable[int], at: datetime) -> None:
    """End posts."""
    for ids in in_chunks(post_ids):
        db.session.execute(
            update(Post)
            .where(Post.id.in_(ids), Post.ended_at.is_(None))
            .values(ended_at=at)
            .execution_options(synchronize_session=False)
        )


def change(actor: Actor, post: Post, at: datetime, *, job_role: JobRole, title: str) -> int:
    """Give a post another title, or end it and begin one in another role; return the post in force.

    Raises Invalid and PostHeld.
    """
    _check_title(title)
    if job_role is not post.job_role:
        end(actor, post, at)
        successor = NewPost(
            account_id=post.account_id, enterprise_id=post.enterprise_id, job_role=job_role, title=title
        )
        return begin(actor, successor, at)
    if title != post.title:
        before = post.title
        retitle_many({post.id: title})
        db.session.refresh(post)
        log.record(
            actor,
            "post.change",
            f"post:{post.id}",
            {"before": {"title": before}, "after": {"title": title}},
        )
    return post.id


def retitle_many(titles: Mapping[int, str]) -> None:
    """Give posts, by id, another title."""
    if titles:
        db.session.execute(
            update(Post), [{"id": post_id, "title": title} for post_id, title in titles.items()]
        )


def _check_title(title: str) -> None:
    if len(title) > LONGEST_TITLE:
        raise Invalid(M("职务最多 %(most)s 字。", most=LONGEST_TITLE))
