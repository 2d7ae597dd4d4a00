"""The product's own JSON: everything about a question, pictures included.

``{"format": "quizapp-bank", "version": 1, "questions": [...], "pictures": {digest: base64}}``; a question is
what `quizapp.bank.documents.document` writes.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from quizapp.bank.documents import content_from, document
from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.questions import QuestionContent
from quizapp.files.pictures import Picture, make_anew
from quizapp.imports.tables import Problem, UnreadableFile
from quizapp.messages import M

NAME, VERSION = "quizapp-bank", 1


def write(questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as a file; the pictures by digest."""
    whole = {
        "format": NAME,
        "version": VERSION,
        "questions": [document(question) for question in questions],
        "pictures": {
            digest: base64.b64encode(picture.content).decode() for digest, picture in pictures.items()
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def read(content: bytes, _filename: str = "") -> ParsedBank:
    """Return the questions of a file. Raises UnreadableFile when it is none of ours."""
    whole = _whole(content)
    pictures = _pictures(whole.get("pictures", {}))
    questions, refused = [], []
    for number, found in enumerate(whole["questions"], start=1):
        try:
            question = _question(found)
            check_question(question)
        except BadQuestion as error:
            refused.append(Problem(reason=error.message, row=number, value=_stem(found)))
        else:
            questions.append(ParsedQuestion("", number, question))
    if not questions and not refused:
        raise UnreadableFile(M("文件里没有题目。"))
    return ParsedBank(tuple(questions), tuple(refused), pictures=pictures)


def _whole(content: bytes) -> dict[str, Any]:
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnreadableFile(M("文件不是完整的 JSON，请重新导出后再上传。")) from error
    if not isinstance(whole, dict) or whole.get("format") != NAME or whole.get("version") != VERSION:
        raise UnreadableFile(M("这个 JSON 文件不是本系统导出的题库。"))
    if not isinstance(whole.get("questions"), list) or not isinstance(whole.get("pictures", {}), dict):
        raise UnreadableFile(M("这个 JSON 文件不是本系统导出的题库。"))
    return whole


def _pictures(found: Mapping[str, Any]) -> dict[str, Picture]:
    """Return the pictures under the names that the questions use; made anew, ours stay what they are."""
    pictures = {}
    for digest, text in found.items():
        try:
            picture = make_anew(base64.b64decode(text, validate=True))
        except (binascii.Error, TypeError, ValueError) as error:
            raise UnreadableFile(M("文件里有读不出的图片。")) from error
        if picture.digest != digest:
            raise UnreadableFile(M("文件里的图片被改动过，请重新导出。"))
        pictures[digest] = picture
    return pictures


def _question(found: Any) -> QuestionContent:
    try:
        return content_from(found)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BadQuestion(M("题目的内容不完整或不认识。")) from error


def _stem(found: Any) -> str:
    return str(found.get("stem", ""))[:120] if isinstance(found, dict) else ""
