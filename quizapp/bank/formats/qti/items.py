"""One `assessmentItem` of QTI as a question. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.flow import Picture
from quizapp.bank.formats.headings import FALSE_WORDS, TRUE_WORDS
from quizapp.bank.formats.qti import declarations, names
from quizapp.bank.formats.qti.passages import Passage
from quizapp.bank.formats.qti.scoring import scoring
from quizapp.bank.formats.xmltree import child, children, local, namespace
from quizapp.bank.questions import (
    MOST_OPTIONS,
    TRUE_FALSE_OPTIONS,
    Blank,
    QuestionContent,
    QuestionType,
)
from quizapp.messages import M, Message

_TRUTHS = ({"true", "t"}, {"false", "f"})


class Item:
    """Reads one item; `remarks` gathers what was repaired in it."""

    def __init__(self, element: Element, picture: Picture, details: dict[str, Any], material: str) -> None:
        """Take an item with what the manifest says of it and the shared text that it is on, if any."""
        self.element = element
        self.picture = picture
        self.details = details
        self.material = material
        self.remarks: list[Message] = []
        self._explanations: list[str] = []
        self._earned: set[Decimal] = set()

    def content(self) -> QuestionContent:
        """Return the question. Raises BadQuestion."""
        self._check_kind()
        body = child(self.element, "itemBody")
        if body is None:
            raise BadQuestion(M("题干是空的。"))
        self.responses = declarations.responses(self.element)
        self.scoring = scoring(self.element)
        parts = [held for held in body.iter() if names.PART in held.get("class", "").split()]
        question = self._own_case(body, parts) if parts else self._question(self._passage(body))
        if len(self._earned) > 1:
            raise BadQuestion(M("各空的分值不同，不能导入；本系统全对才得分。"))
        return self._with_feedback(question)

    def _check_kind(self) -> None:
        if local(self.element) != "assessmentItem" or not names.USABLE_NAMESPACE.fullmatch(
            namespace(self.element)
        ):
            raise BadQuestion(M("这不是 QTI 2.1 或 2.2 的题目（assessmentItem）。"))
        if self.element.get("adaptive", "false") == "true":
            raise BadQuestion(M("自适应题（adaptive）不能导入。"))
        templates = children(self.element, "templateDeclaration", "templateProcessing")
        if next(templates, None) is not None:
            raise BadQuestion(M("题目里有随机变量（模板），不能导入。"))

    def _own_case(self, body: Element, parts: list[Element]) -> dict[str, Any]:
        material = [held for held in body.iter() if names.MATERIAL in held.get("class", "").split()]
        if len(material) != 1 or len(parts) + 1 != len(body):
            raise BadQuestion(M("分不清案例题的材料和小题，不能导入。"))
        passages = [self._passage(part) for part in parts]
        return self._case(self._passage(material[0]).text, list(map(self._single, passages)))

    def _passage(self, element: Element) -> Passage:
        """Return a piece of the body; what is said in it about the answer goes to the explanation."""
        passage = Passage(element, self.picture)
        self._explanations += passage.asides
        return passage

    def _question(self, passage: Passage) -> dict[str, Any]:
        if len(passage.choices) > 1 or (passage.choices and passage.entries):
            return self._other_case(passage)
        question = self._single(passage)
        return self._case(self.material, [question]) if self.material else question

    def _other_case(self, passage: Passage) -> dict[str, Any]:
        """A text, then choices that each have a prompt of their own."""
        prompts = [self._prompt(choice) for choice in passage.choices]
        first, *between, last = passage.texts
        if passage.entries or last or not all([first, *prompts]) or (self.material and first):
            raise BadQuestion(M("分不清案例题的材料和小题，不能导入。"))
        stems = ["\n".join(filter(None, pair)) for pair in zip(["", *between], prompts, strict=True)]
        parts = [self._choice(choice, stem) for choice, stem in zip(passage.choices, stems, strict=True)]
        return self._case(self.material or first, parts)

    def _case(self, material: str, parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
        found = tuple(QuestionContent(**part) for part in parts)
        return {"type": QuestionType.CASE, "stem": material, "parts": found}

    def _single(self, passage: Passage) -> dict[str, Any]:
        if passage.choices and not passage.entries and len(passage.choices) == 1:
            before, after = passage.texts
            (choice,) = passage.choices
            stem = "\n".join(filter(None, [before, self._prompt(choice), after]))
            return self._choice(choice, stem)
        if not passage.entries or passage.choices:
            raise BadQuestion(M("题目里没有作答区。"))
        blanks = [self._blank(entry.get("responseIdentifier", "")) for entry in passage.entries]
        return {"type": QuestionType.FILL_IN, "stem": passage.text, "blanks": tuple(blanks)}

    def _prompt(self, choice: Element) -> str:
        prompt = child(choice, "prompt")
        return "" if prompt is None else self._passage(prompt).text

    def _response(self, identifier: str) -> declarations.Response:
        found = self.responses.get(identifier)
        if found is None:
            raise BadQuestion(M("作答区没有对应的作答变量：%(name)s", name=identifier[:40]))
        return found

    def _choice(self, choice: Element, stem: str) -> dict[str, Any]:
        response = self._response(choice.get("responseIdentifier", ""))
        found = list(children(choice, "simpleChoice"))
        if len(found) > MOST_OPTIONS:
            raise BadQuestion(M("选项最多 %(most)s 个。", most=MOST_OPTIONS))
        identifiers = [option.get("identifier", "") for option in found]
        if len(set(identifiers)) != len(identifiers):
            raise BadQuestion(M("两个选项的标识相同。"))
        rule = self.scoring.of(response.identifier)
        if rule.variants or rule.tolerances:
            raise BadQuestion(M("自定义的评分规则（%(name)s）不能导入。", name="baseValue"))
        key, earned = declarations.chosen(response, identifiers, is_mapped=rule.is_mapped)
        self._earned.add(earned)
        texts = [self._option(option, place) for place, option in enumerate(found)]
        if response.cardinality == "single" and _is_truth(identifiers, texts):
            truth = [word.casefold() in _TRUTHS[0] for word in identifiers]
            right = [0 if truth[place] else 1 for place in key]
            kind, texts, key = QuestionType.TRUE_FALSE, list(TRUE_FALSE_OPTIONS), tuple(right)
        else:
            kind = QuestionType.SINGLE if response.cardinality == "single" else QuestionType.MULTIPLE
        return {"type": kind, "stem": stem, "options": tuple(texts), "key": key}

    def _option(self, option: Element, place: int) -> str:
        passage = Passage(option, self.picture)
        self._explanations += [f"{chr(ord('A') + place)}：{said}" for said in passage.asides if said]
        return passage.text

    def _blank(self, identifier: str) -> Blank:
        response = self._response(identifier)
        if response.cardinality != "single" or not (response.is_number or response.base == "string"):
            raise BadQuestion(M("填空的作答变量要是一个文字或一个数。"))
        rule = self.scoring.of(identifier)
        texts: tuple[str, ...] = ()
        earned = Decimal(1)
        if rule.is_mapped:
            texts, earned = declarations.accepted(response)
            if (
                response.mapped
                and response.mapped.exact_case
                and any(one.lower() != one.upper() for one in texts)
            ):
                self.remarks.append(M("原题区分大小写；本系统的填空不区分大小写。"))
        if rule.is_correct:
            texts += response.correct
        self._earned.add(earned)
        blank = tuple(dict.fromkeys([*texts, *rule.variants]))
        if len(rule.tolerances) > 1:
            raise BadQuestion(M("几个答案的误差范围不同，不能导入。"))
        if rule.tolerances and not response.is_number:
            raise BadQuestion(M("有误差范围的填空，答案必须是数。"))
        tolerance = next(iter(rule.tolerances), Decimal(0)) if response.is_number else None
        return Blank(blank, tolerance)

    def _with_feedback(self, question: dict[str, Any]) -> QuestionContent:
        own: dict[int, str] = {}
        for element in children(self.element, "modalFeedback"):
            text = Passage(element, self.picture).text
            place = element.get("outcomeIdentifier", "").removeprefix(f"{names.FEEDBACK}_")
            if element.get("identifier") == names.EXPLANATION and place.isascii() and place.isdigit():
                own[int(place[:4])] = text
            else:
                self._explanations.append(text)
        if own and question["type"] is QuestionType.CASE:
            parts = enumerate(question["parts"], start=1)
            question["parts"] = tuple(_explained(part, own.get(place, "")) for place, part in parts)
        said = list(dict.fromkeys(filter(None, self._explanations)))
        if len(said) > 1:
            self.remarks.append(M("各个答案的反馈已写进解析。"))
        return QuestionContent(**self.details, **question, explanation="\n".join(said))


def _explained(part: QuestionContent, explanation: str) -> QuestionContent:
    return QuestionContent(
        type=part.type, stem=part.stem, options=part.options, key=part.key, blanks=part.blanks,
        explanation=explanation,
    )  # fmt: skip


def _is_truth(identifiers: list[str], texts: list[str]) -> bool:
    """Say whether these are true and false, by their identifiers and by what they say."""
    if len(texts) != len(TRUE_FALSE_OPTIONS):
        return False
    words = {word.casefold() for word in identifiers}
    said = {text.strip().casefold() for text in texts}
    return bool(words & _TRUTHS[0] and words & _TRUTHS[1] and said & TRUE_WORDS and said & FALSE_WORDS)
