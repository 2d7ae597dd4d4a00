"""What the product ships as content: every file comes in, every statement has its source, no key gives itself away."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from config import ROOT
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.questions import QuestionContent, QuestionType, fingerprint
from quizapp.demo.loading import OWN_QUESTIONS, ROLE_TAGS
from quizapp.directory.roles import JobRole
from quizapp.imports.sandbox import read_tables
from quizapp.study.content import ModuleFile, read_folder

FOLDER = ROOT / "question_bank"
BANKS = sorted((FOLDER / "banks").glob("*.csv"))
MODULES = read_folder(FOLDER / "modules")
#: The laws that content may cite: in which version, and how many articles they have.
LAWS = {
    "《安全生产法》（2021年修正）": 119,
    "《消防法》（2021年修正）": 74,
    "《职业病防治法》（2018年修正）": 88,
    "《特种设备安全法》（2013年）": 101,
    "《安全生产许可证条例》（2014年修订）": 24,
    "《工伤保险条例》（2010年修订）": 67,
    "《生产安全事故报告和调查处理条例》（国务院令第493号）": 46,
    "《生产安全事故应急条例》（国务院令第708号）": 35,
    "《突发事件应对法》（2024年修订）": 106,
}
DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
#: Percent of a text that two questions may share, letter by letter.
MOST_ALIKE = 85
ARTICLE = re.compile(r"第([零一二三四五六七八九十百]+)条")


def number(chinese: str) -> int:
    total, digit = 0, 0
    for character in chinese:
        if character in DIGITS:
            digit = DIGITS[character]
        else:
            total, digit = total + (digit or 1) * {"十": 10, "百": 100}[character], 0
    return total + digit


def assert_is_source(source: str) -> None:
    law, articles = re.fullmatch(
        r"(《.+?》（.+?）)((?:第[零一二三四五六七八九十百]+条、?)+)", source
    ).groups()  # type: ignore[union-attr]
    for article in ARTICLE.findall(articles):
        assert 1 <= number(article) <= LAWS[law], source


@cache
def questions_of(file: Path) -> list[QuestionContent]:
    parsed = parse_tables(read_tables(file.read_bytes(), file.name))
    assert not parsed.refused
    return [question.content for question in parsed.questions]


def questions() -> list[QuestionContent]:
    return [question for file in BANKS for question in questions_of(file)]


@pytest.mark.parametrize("file", BANKS, ids=lambda file: file.stem)
def test_every_question_has_explanation_source_tag_and_number(file: Path) -> None:
    for question in questions_of(file):
        assert question.explanation, question.code
        assert question.tags, question.code
        assert re.fullmatch(r"AQ[C-GY]-\d{3}", question.code)
        assert_is_source(question.source)


def test_there_are_enough_questions_and_none_twice() -> None:
    prints = Counter(fingerprint(question) for question in questions())
    codes = Counter(question.code for question in questions())

    assert len(prints) >= 800
    assert prints.total() == len(prints)
    assert codes.total() == len(codes)


def test_no_two_questions_are_the_same_in_other_words() -> None:
    """Of one type, with stem and right options alike: what is asked again with other wrong options."""
    alike = []
    for kind in QuestionType:
        texts = [
            (question.code, question.stem + "".join(question.options[place] for place in question.key))
            for question in questions()
            if question.type is kind
        ]
        codes, said = [code for code, _ in texts], [text for _, text in texts]
        scores = process.cdist(said, said, scorer=fuzz.ratio, score_cutoff=MOST_ALIKE)
        alike += [
            (codes[one], codes[other]) for one, other in zip(*scores.nonzero(), strict=True) if one < other
        ]

    assert alike == []


def test_no_key_gives_itself_away() -> None:
    single = [question for question in questions() if question.type is QuestionType.SINGLE]
    places = Counter(question.key[0] for question in single)
    longest = sum(
        len(question.options[question.key[0]])
        > max(len(o) for i, o in enumerate(question.options) if i != question.key[0])
        for question in single
    )
    truths = Counter(question.key for question in questions() if question.type is QuestionType.TRUE_FALSE)

    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) < 0.35 * len(single)
    assert longest < 0.4 * len(single)
    assert max(truths.values()) < 0.65 * truths.total()


def test_a_multiple_choice_question_has_two_right_options_and_not_always_the_same_places() -> None:
    keys = Counter(question.key for question in questions() if question.type is QuestionType.MULTIPLE)

    assert all(len(key) >= 2 for key in keys)
    assert max(keys.values()) < 0.5 * keys.total()


@pytest.mark.parametrize("role", JobRole)
def test_every_role_has_questions_of_its_own(role: JobRole) -> None:
    own = [
        question
        for question in questions()
        if question.type is QuestionType.SINGLE
        and ROLE_TAGS[role] in question.tags
        and (not question.roles or role in question.roles)
    ]

    assert len(own) >= OWN_QUESTIONS


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.slug)
def test_a_module_lists_exactly_the_articles_that_it_cites(module: ModuleFile) -> None:
    for source in module.sources:
        assert_is_source(source)
    listed = [article for source in module.sources for article in ARTICLE.findall(source)]

    assert set(ARTICLE.findall(module.body)) == set(listed)
    assert len(set(module.sources)) == len(module.sources)


@pytest.mark.parametrize("role", JobRole)
def test_every_role_has_at_least_five_modules(role: JobRole) -> None:
    assert len([module for module in MODULES if role in module.roles]) >= 5


def test_there_are_enough_modules() -> None:
    assert len(MODULES) >= 12
    assert len({module.slug for module in MODULES}) == len(MODULES)


def test_a_module_takes_minutes_and_its_title_fits_a_phone() -> None:
    for module in MODULES:
        assert 2 <= module.minutes <= 6
        assert len(module.title) <= 10
        assert len(module.summary) <= 20
    assert [module.order for module in MODULES] == list(range(1, len(MODULES) + 1))


def test_nothing_shipped_speaks_of_what_is_no_longer_so() -> None:
    whole = "".join(
        file.read_text(encoding="utf-8-sig") for file in FOLDER.rglob("*") if file.suffix in {".md", ".csv"}
    )

    for outdated in ("安全生产监督管理局", "安监局", "安监部门"):
        assert outdated not in whole
