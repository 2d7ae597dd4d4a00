"""The pictures that a file carries: each made anew once, refused with the question that shows it. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.questions import QuestionContent
from quizapp.files.pictures import BadPicture, Picture, make_anew
from quizapp.files.references import digests_in, refer
from quizapp.messages import M

MOST_PICTURES = 2000
_DATA = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.IGNORECASE)


class Carried:
    """What has been taken from the file so far."""

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}
        self._met: dict[str, str | BadPicture] = {}

    def reference(self, content: bytes, shows: str) -> str:
        """Return the reference to a picture with these bytes. Raises BadQuestion."""
        raw = hashlib.sha256(content).hexdigest()
        if raw not in self._met:
            self._met[raw] = self._made(content)
        found = self._met[raw]
        if isinstance(found, BadPicture):
            raise BadQuestion(found.message) from found
        return refer(found, shows)

    def reference_in_base64(self, text: str, shows: str) -> str:
        """Return the same for base64, white space in it allowed. Raises BadQuestion."""
        try:
            content = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadQuestion(M("题目里有读不出的图片。")) from error
        return self.reference(content, shows)

    def reference_in_address(self, address: str, shows: str) -> str:
        """Return the same for a picture that is written into its own address. Raises BadQuestion."""
        inline = _DATA.match(address)
        if inline is None:
            raise BadQuestion(M("题目引用的图片不在文件里：%(name)s", name=address[:120] or "?"))
        return self.reference_in_base64(address[inline.end() :], shows)

    def _made(self, content: bytes) -> str | BadPicture:
        if len(self._met) >= MOST_PICTURES:
            return BadPicture(M("图片太多，一个文件最多 %(most)s 张，请拆分后再上传。", most=MOST_PICTURES))
        try:
            picture = make_anew(content)
        except BadPicture as error:
            return error
        self.pictures[picture.digest] = picture
        return picture.digest

    def shown_in(self, questions: Iterable[QuestionContent]) -> dict[str, Picture]:
        """Return those that questions refer to."""
        shown = digests_in(text for question in questions for text in texts_of(question))
        return {digest: picture for digest, picture in self.pictures.items() if digest in shown}


def texts_of(question: QuestionContent) -> list[str]:
    """Return every text of a question that may show a picture."""
    parts = [text for part in question.parts for text in texts_of(part)]
    return [question.stem, *question.options, question.explanation, *parts]
