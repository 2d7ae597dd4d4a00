"""What can go wrong, named; `quizapp.web.errors` turns each into a page or a JSON problem."""

from __future__ import annotations

from quizapp.messages import M, Message


class AppError(Exception):
    """A refusal that a person can read. `status` is the HTTP status of its page."""

    status = 400

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotFound(AppError):
    """There is no such thing, or it belongs to somebody else; both look the same."""

    status = 404

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or M("没有找到您要的内容。"))


class NotAllowed(AppError):
    """The account may not do this."""

    status = 403

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or M("您的账号没有这项权限。"))


class Conflict(AppError):
    """The state has moved on: closed, applied, taken."""

    status = 409


class Invalid(AppError):
    """What was given cannot be used."""

    status = 422
