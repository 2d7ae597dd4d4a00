"""Moodle XML out. What is carried where: `quizapp.bank.formats.moodle.marks`. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from quizapp.bank.formats.flow import as_markup
from quizapp.bank.formats.moodle import marks
from quizapp.bank.formats.moodle.cloze import gap
from quizapp.bank.formats.xmltree import escaped, quoted
from quizapp.bank.questions import (
    BLANK,
    Blank,
    Difficulty,
    QuestionContent,
    QuestionType,
    as_number,
    fingerprint,
)
from quizapp.files.pictures import Picture
from quizapp.files.references import digests_in, without_pictures

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_RUN = re.compile(r"_{4,}")
LONGEST_NAME = 60
TRUE_FALSE = ("true", "false")


def write(questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as a file; the pictures by digest."""
    writer = _Writer(pictures)
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for number, question in enumerate(questions, start=1):
        pieces += (
            writer.case(question, number) if question.type is QuestionType.CASE else [writer.one(question)]
        )
    return "\n".join([*pieces, "</quiz>", ""]).encode()


class _Writer:
    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        self.pictures = pictures

    def case(self, question: QuestionContent, number: int) -> list[str]:
        name = f"{fingerprint(question)[:12]}-{number}"
        mark = f"{marks.CASE}{name}/{len(question.parts)}"
        description = self._question("description", question, self._html(question.stem), "", [mark])
        parts = [
            self.one(part, [f"{marks.PART}{name}/{place}"])
            for place, part in enumerate(question.parts, start=1)
        ]
        return [description, *parts]

    def one(self, question: QuestionContent, own_tags: Sequence[str] = ()) -> str:
        if question.type is QuestionType.FILL_IN:
            return self._fill_in(question, own_tags)
        if question.type is QuestionType.TRUE_FALSE:
            body = "".join(
                _answer(word, 100 if question.key == (place,) else 0) for place, word in enumerate(TRUE_FALSE)
            )
            return self._question("truefalse", question, self._html(question.stem), body, own_tags)
        return self._question(
            "multichoice", question, self._html(question.stem), self._options(question), own_tags
        )

    def _options(self, question: QuestionContent) -> str:
        is_single = question.type is QuestionType.SINGLE
        right = _share(len(question.key))
        wrong = 0 if is_single else -100
        answers = [
            f'<answer fraction="{right if place in question.key else wrong}" format="html">'
            f'{self._field(option)}<feedback format="html"><text></text></feedback></answer>\n'
            for place, option in enumerate(question.options)
        ]
        switches = (
            f"<single>{str(is_single).lower()}</single>\n<shuffleanswers>true</shuffleanswers>\n"
            "<answernumbering>ABCD</answernumbering>\n"
        )
        return switches + "".join(answers)

    def _fill_in(self, question: QuestionContent, own_tags: Sequence[str]) -> str:
        markup = self._html(question.stem)
        if _RUN.findall(question.stem) != [BLANK]:
            markup = markup.replace("{", "&#123;")
            for blank in question.blanks:
                markup = markup.replace(BLANK, gap(blank, _accepted(blank)), 1)
            return self._question("cloze", question, markup, "", own_tags)
        (blank,) = question.blanks
        markup = markup.replace(BLANK, marks.BOX)
        tolerance = "" if blank.tolerance is None else f"<tolerance>{blank.tolerance}</tolerance>"
        body = "".join(_answer(text, 100, tolerance) for text in _accepted(blank))
        if blank.tolerance is None:
            return self._question("shortanswer", question, markup, f"<usecase>0</usecase>\n{body}", own_tags)
        return self._question("numerical", question, markup, body, own_tags)

    def _question(
        self, kind: str, question: QuestionContent, markup: str, body: str, own_tags: Sequence[str]
    ) -> str:
        source = (
            f"{marks.SOURCE_OPENING}{marks.SOURCE_LABEL}{escaped(question.source)}</p>"
            if question.source
            else ""
        )
        feedback = f"{self._html(question.explanation) if question.explanation else ''}{source}"
        grade = 0 if kind == "description" else 1
        return (
            f'<question type="{kind}">\n<name>{_text(_name(question))}</name>\n'
            f'<questiontext format="html">{_text(markup)}{self._files(question.stem)}</questiontext>\n'
            f'<generalfeedback format="html">{_text(feedback)}{self._files(question.explanation)}'
            "</generalfeedback>\n"
            f"<defaultgrade>{grade}</defaultgrade>\n<penalty>0</penalty>\n<hidden>0</hidden>\n"
            f"<idnumber>{escaped(question.code)}</idnumber>\n{body}{_tags(question, own_tags)}</question>\n"
        )

    def _html(self, text: str) -> str:
        return f"<p>{as_markup(text, self._address)}</p>"

    def _field(self, text: str) -> str:
        return f"{_text(self._html(text))}{self._files(text)}"

    def _address(self, digest: str) -> str | None:
        picture = self.pictures.get(digest)
        return f"{marks.PLUGIN_FILE}{_file_name(picture)}" if picture else None

    def _files(self, text: str) -> str:
        shown = [self.pictures[digest] for digest in sorted(digests_in([text])) if digest in self.pictures]
        return "".join(
            f'<file name={quoted(_file_name(picture))} path="/" encoding="base64">'
            f"{base64.b64encode(picture.content).decode()}</file>"
            for picture in shown
        )


def _file_name(picture: Picture) -> str:
    return f"{picture.digest}.{picture.extension}"


def _name(question: QuestionContent) -> str:
    return " ".join(without_pictures(question.stem).split())[:LONGEST_NAME] or question.code or "-"


def _text(text: str) -> str:
    return f"<text>{escaped(text)}</text>"


def _answer(text: str, share: int, more: str = "") -> str:
    return (
        f'<answer fraction="{share}" format="moodle_auto_format">{_text(text)}'
        f'<feedback format="html"><text></text></feedback>{more}</answer>\n'
    )


def _share(count: int) -> str:
    """Return an equal share as Moodle lists it: 100, 50, 33.33333."""
    share = (Decimal(100) / count).quantize(Decimal("0.00001"))
    return f"{share:f}".rstrip("0").rstrip(".")


def _accepted(blank: Blank) -> list[str]:
    """Return the texts as Moodle wants them: a star is no wildcard, a number is plain."""
    if blank.tolerance is None:
        return [text.replace("*", "\\*") for text in blank.accepted]
    return [text if _PLAIN_NUMBER.fullmatch(text) else str(as_number(text)) for text in blank.accepted]


def _tags(question: QuestionContent, own_tags: Sequence[str]) -> str:
    tags = [f"{marks.TAG}{tag}" if tag.startswith(marks.OWN) else tag for tag in question.tags]
    if question.difficulty is not Difficulty.MEDIUM:
        tags.append(f"{marks.DIFFICULTY}{question.difficulty.value}")
    tags += [f"{marks.ROLE}{role}" for role in question.roles]
    found = "".join(f"<tag>{_text(tag)}</tag>\n" for tag in [*tags, *own_tags])
    return f"<tags>\n{found}</tags>\n" if found else ""
