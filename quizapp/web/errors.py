"""One place that turns what went wrong into a page or a JSON problem (RFC 9457)."""

from __future__ import annotations

import logging
import re
import traceback

import click
from flask import Flask, current_app, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response

from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.messages import M, Message

Answer = tuple[str | Response, int]

#: A refused upload is read to its end up to this size, so that the browser gets to see the answer.
DRAIN_LIMIT_BYTES = 512 * 1024 * 1024
DRAIN_CHUNK_BYTES = 1024 * 1024

#: What PostgreSQL adds to an error quotes the row.
QUOTED_ROW = re.compile(r"^DETAIL: .*", re.MULTILINE)

STATUS_MESSAGES = {
    400: M("请求有误，请返回重试。"),
    403: M("您的账号没有这项权限。"),
    404: M("没有找到您要的内容。"),
    405: M("不能这样打开这个地址，请返回重试。"),
    500: M("系统出错了，错误已记录。您已保存的内容不受影响，请稍后重试。"),
}


class _WithoutRows(logging.Filter):
    """Takes out of an error's report the row that the database quotes: it is about somebody."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            report = "".join(traceback.format_exception(*record.exc_info))
            record.exc_text = QUOTED_ROW.sub("DETAIL: …", report)
        return True


_without_rows = _WithoutRows()


def register(app: Flask) -> None:
    """Bind the handlers."""
    logging.getLogger("quizapp").addFilter(_without_rows)
    app.register_error_handler(AppError, _refused)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def refusals_end_commands(app: Flask) -> None:
    """Let a refusal inside a command print its sentence and end with status 1."""
    invoke = app.cli.invoke

    def invoke_or_refuse(context: click.Context) -> object:
        try:
            return invoke(context)
        except AppError as error:
            click.echo(str(error.message), err=True)
            raise SystemExit(1) from error

    app.cli.invoke = invoke_or_refuse  # type: ignore[method-assign,assignment]  # Flask offers no hook


def _refused(error: AppError) -> Answer:
    db.session.rollback()
    return _answer(error.status, error.message, type(error).__name__)


def _too_large(_error: RequestEntityTooLarge) -> Answer:
    stream, left = request.environ["wsgi.input"], DRAIN_LIMIT_BYTES
    while left > 0 and (chunk := stream.read(DRAIN_CHUNK_BYTES)):
        left -= len(chunk)
    limit = current_app.config["SETTINGS"].upload_limit_mb
    return _answer(413, M("文件太大：最大 %(limit)s MB。请拆分后再上传。", limit=limit), "TooLarge")


def _forged(_error: CSRFError) -> Answer:
    return _answer(400, M("页面已过期，请刷新页面后再试。"), "FormExpired")


def _foreign_host(_error: SecurityError) -> Answer:
    # No page: an address of ours cannot be built for a host that is not ours.
    return Response(STATUS_MESSAGES[400].text, mimetype="text/plain"), 400


def _http(error: HTTPException) -> Answer | HTTPException:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - redirects pass through
        return error
    return _answer(status, STATUS_MESSAGES.get(status, STATUS_MESSAGES[400]), error.name.replace(" ", ""))


def _unexpected(error: Exception) -> Answer:
    logging.getLogger("quizapp").error("unexpected error", exc_info=error)
    db.session.rollback()
    return _answer(500, STATUS_MESSAGES[500], "Unexpected")


def _answer(status: int, message: Message, kind: str) -> Answer:
    sentence = message.render(gettext)
    if request.is_json:
        problem = jsonify(type=kind, title=sentence, status=status)
        problem.mimetype = "application/problem+json"
        return problem, status
    return render_template("_shared/error.html", message=sentence, status=status), status
