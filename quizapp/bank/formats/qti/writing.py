"""One question as an `assessmentItem`. What is carried where: `quizapp.bank.formats.qti.names`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from quizapp.bank.formats.flow import as_markup
from quizapp.bank.formats.qti import names
from quizapp.bank.formats.qti.names import EXPLANATION, FEEDBACK, RESPONSE, XSI, Version
from quizapp.bank.formats.xmltree import escaped, quoted
from quizapp.bank.questions import BLANK, Blank, QuestionContent, QuestionType, as_number
from quizapp.files.pictures import Picture
from quizapp.files.references import without_pictures

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_TAG = re.compile(r"(<[^>]*>)")
LONGEST_TITLE = 60
#: Identifiers of the two options of a true/false question.
TRUE_FALSE = ("true", "false")


def picture_name(picture: Picture) -> str:
    """Return the name of a picture's file in the package."""
    return f"images/{picture.digest}.{picture.extension}"


def title_of(question: QuestionContent) -> str:
    """Return a short title of a question."""
    return " ".join(without_pictures(question.stem).split())[:LONGEST_TITLE] or question.code or "-"


class ItemWriter:
    """Writes one question as an item."""

    def __init__(self, version: Version, pictures: Mapping[str, Picture]) -> None:
        self.version = version
        self.pictures = pictures
        self.declared: list[str] = []
        self.conditions: list[str] = []

    def item(self, question: QuestionContent, identifier: str) -> str:
        """Return the item's document."""
        body = self._body(question)
        feedback = list(self._feedback(question))
        location = quoted(f"{self.version.items} {self.version.items_schema}")
        opening = (
            f'<assessmentItem xmlns="{self.version.items}" xmlns:xsi="{XSI}" xsi:schemaLocation={location}'
            f' identifier="{identifier}" title={quoted(title_of(question))} adaptive="false"'
            ' timeDependent="false" xml:lang="zh-CN">'
        )
        return "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                opening,
                *self.declared,
                _outcome("SCORE", "float", "0"),
                *(_outcome(name, "identifier", EXPLANATION) for name, _ in feedback),
                f"<itemBody>\n{body}\n</itemBody>",
                self._processing(),
                *(self._modal(name, text) for name, text in feedback),
                "</assessmentItem>\n",
            ]
        )

    def _modal(self, name: str, text: str) -> str:
        return (
            f'<modalFeedback outcomeIdentifier="{name}" identifier="{EXPLANATION}" showHide="show">'
            f"{self._markup(text)}</modalFeedback>"
        )

    def _feedback(self, question: QuestionContent) -> Iterable[tuple[str, str]]:
        if question.explanation:
            yield FEEDBACK, question.explanation
        for place, part in enumerate(question.parts, start=1):
            if part.explanation:
                yield f"{FEEDBACK}_{place}", part.explanation

    def _body(self, question: QuestionContent) -> str:
        if question.type is QuestionType.CASE:
            material = f'<div class="{names.MATERIAL}"><p>{self._markup(question.stem)}</p></div>'
            parts = [
                f'<div class="{names.PART}">{self._part(part, f"{RESPONSE}_{place}")}</div>'
                for place, part in enumerate(question.parts, start=1)
            ]
            return "\n".join([material, *parts])
        if question.type is QuestionType.FILL_IN:
            return self._entries(question, RESPONSE)
        return f"<p>{self._markup(question.stem)}</p>\n{self._choice(question, RESPONSE, '')}"

    def _part(self, part: QuestionContent, response: str) -> str:
        if part.type is QuestionType.FILL_IN:
            return self._entries(part, response)
        return self._choice(part, response, f"<prompt>{self._markup(part.stem)}</prompt>")

    def _choice(self, question: QuestionContent, response: str, prompt: str) -> str:
        is_truth = question.type is QuestionType.TRUE_FALSE
        identifiers = (
            TRUE_FALSE if is_truth else [chr(ord("A") + place) for place in range(len(question.options))]
        )
        is_multiple = question.type is QuestionType.MULTIPLE
        self._declare(
            response,
            "multiple" if is_multiple else "single",
            "identifier",
            _correct(identifiers[place] for place in question.key),
        )
        self.conditions.append(f"<match>{_variable(response)}{_declared(response)}</match>")
        choices = "".join(
            f'<simpleChoice identifier="{identifier}">{self._markup(option)}</simpleChoice>\n'
            for identifier, option in zip(identifiers, question.options, strict=True)
        )
        return (
            f'<choiceInteraction responseIdentifier="{response}" shuffle="{str(not is_truth).lower()}"'
            f' maxChoices="{0 if is_multiple else 1}">{prompt}\n{choices}</choiceInteraction>'
        )

    def _entries(self, question: QuestionContent, response: str) -> str:
        """Return the text with a field for each blank."""
        several = len(question.blanks) > 1
        called = [
            f"{response}_{place}" if several else response for place, _ in enumerate(question.blanks, start=1)
        ]
        tests = [self._blank(blank, name) for blank, name in zip(question.blanks, called, strict=True)]
        self.conditions.append(f"<and>{''.join(tests)}</and>" if several else tests[0])
        fields = iter([f'<textEntryInteraction responseIdentifier="{name}"/>' for name in called])
        pieces = _TAG.split(self._markup(question.stem))
        # What is between tags stands at even places; a blank in what a picture shows stays there.
        pieces[::2] = [re.sub(BLANK, lambda _: next(fields, BLANK), piece) for piece in pieces[::2]]
        return f"<p>{''.join([*pieces, *fields])}</p>"

    def _blank(self, blank: Blank, response: str) -> str:
        if blank.tolerance is None:
            entries = "".join(
                f'<mapEntry mapKey={quoted(text)} mappedValue="1" caseSensitive="false"/>'
                for text in blank.accepted
            )
            right = f'{_correct(blank.accepted[:1])}<mapping defaultValue="0">{entries}</mapping>'
            self._declare(response, "single", "string", right)
            return (
                f'<equal toleranceMode="exact"><mapResponse identifier="{response}"/>'
                '<baseValue baseType="float">1</baseValue></equal>'
            )
        numbers = [text if _PLAIN_NUMBER.fullmatch(text) else str(as_number(text)) for text in blank.accepted]
        self._declare(response, "single", "float", _correct(numbers[:1]))
        opening = f'<equal toleranceMode="absolute" tolerance="{blank.tolerance} {blank.tolerance}">'
        tests = [
            f'{opening}{_variable(response)}<baseValue baseType="float">{number}</baseValue></equal>'
            for number in numbers
        ]
        return f"<or>{''.join(tests)}</or>" if len(tests) > 1 else tests[0]

    def _declare(self, response: str, cardinality: str, base: str, right: str) -> None:
        self.declared.append(
            f'<responseDeclaration identifier="{response}" cardinality="{cardinality}" baseType="{base}">'
            f"{right}</responseDeclaration>"
        )

    def _processing(self) -> str:
        if len(self.declared) == 1 and self.conditions[0].startswith("<match>"):
            return f'<responseProcessing template="{self.version.template("match_correct")}"/>'
        given = '<sum><variable identifier="SCORE"/><baseValue baseType="float">1</baseValue></sum>'
        rules = [
            f"<responseCondition><responseIf>{condition}\n"
            f'<setOutcomeValue identifier="SCORE">{given}</setOutcomeValue></responseIf></responseCondition>'
            for condition in self.conditions
        ]
        return "\n".join(["<responseProcessing>", *rules, "</responseProcessing>"])

    def _markup(self, text: str) -> str:
        return as_markup(text, self._address)

    def _address(self, digest: str) -> str | None:
        picture = self.pictures.get(digest)
        return f"../{picture_name(picture)}" if picture else None


def _correct(values: Iterable[str]) -> str:
    held = "".join(f"<value>{escaped(value)}</value>" for value in values)
    return f"<correctResponse>{held}</correctResponse>"


def _variable(response: str) -> str:
    return f'<variable identifier="{response}"/>'


def _declared(response: str) -> str:
    return f'<correct identifier="{response}"/>'


def _outcome(name: str, base: str, value: str) -> str:
    return (
        f'<outcomeDeclaration identifier="{name}" cardinality="single" baseType="{base}">'
        f"<defaultValue><value>{value}</value></defaultValue></outcomeDeclaration>"
    )


def interactions_of(question: QuestionContent) -> Sequence[str]:
    """Return the interactions of a question's item, each once."""
    kinds = {part.type for part in question.parts} or {question.type}
    entries = ["textEntryInteraction"] if QuestionType.FILL_IN in kinds else []
    return [*(["choiceInteraction"] if kinds - {QuestionType.FILL_IN} else []), *entries]
