"""The fields of one row, as its cells say them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from quizapp.bank.formats import headings as h
from quizapp.bank.formats import stems
from quizapp.bank.formats.cells import PictureReader
from quizapp.bank.formats.checking import (
    LONGEST_CODE,
    LONGEST_EXPLANATION,
    LONGEST_OPTION,
    LONGEST_SOURCE,
    LONGEST_STEM,
)
from quizapp.bank.formats.choices import BadOptions, Options, split_cell, without_letters
from quizapp.bank.formats.columns import Columns
from quizapp.bank.questions import MOST_OPTIONS, Difficulty, normalise
from quizapp.files.references import digests_in
from quizapp.imports.rows import Line, Refusal, plain
from quizapp.messages import M

LONGEST_WORD = 100
_LIST = re.compile(r"[\s,，、;；|/]+")
_CATEGORY_LIST = re.compile(r"[\n,，、;；|]+")
_NOTHING = frozenset({"", "无", "否", "没有", "no", "none", "0", "false"})
#: The longest texts in a cell: a reference to a picture is not there yet.
_LONGEST = {
    h.STEM: LONGEST_STEM, h.CASE: LONGEST_STEM, h.EXPLANATION: LONGEST_EXPLANATION,
    h.CASE_EXPLANATION: LONGEST_EXPLANATION, h.SOURCE: LONGEST_SOURCE, h.CODE: LONGEST_CODE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What a row says of the case that it is a part of."""

    number: str
    text: str
    explanation: str


@dataclass(frozen=True, slots=True)
class RowFields:
    """Reads a row's fields; each raises Refusal when it cannot be used."""

    line: Line
    columns: Columns
    pictures: PictureReader

    @property
    def is_verbatim(self) -> bool:
        """Say whether the row is one of ours in which nothing is taken for a mark."""
        return plain(self.line.at(self.line.column(h.VERBATIM))[:LONGEST_WORD]) in h.TRUE_WORDS

    def long(self, name: str, *others: int) -> str:
        """Return a field's text with its pictures; refuse one that is too long."""
        self.line.text(name, _LONGEST[name])
        column = self.line.column(name)
        return self.pictures.text(self.line, column, *others) if column else ""

    def stem(self, line: Line) -> str:
        """Return the stem without its number."""
        picture = line.column(h.PICTURE)
        stem = self.long(h.STEM, *[picture] if picture else [])
        if not self.is_verbatim:
            stem = stems.without_number(stem)
        if not normalise(stem) and not digests_in([stem]):
            raise Refusal(M("题干是空的。"), line.column(h.STEM))
        named = line.at(picture)
        if named and plain(named[:LONGEST_WORD]) not in _NOTHING and not digests_in([stem]):
            raise Refusal(M("图片一栏只有文字，没有图片。请把图片放进这个单元格。"), picture)
        return stem

    def case(self, line: Line) -> Case | None:
        """Return the case that the row belongs to."""
        number, text = line.at(line.column(h.CASE_NUMBER))[:LONGEST_WORD], self.long(h.CASE)
        return Case(number, text, self.long(h.CASE_EXPLANATION)) if number or text else None

    def options(self, line: Line) -> Options:
        """Return the options, in columns or in one cell."""
        column = line.column(h.OPTIONS)
        if not self.columns.options or (column and not any(map(line.at, self.columns.options))):
            text = self.pictures.text(line, column) if column else ""
            try:
                return self._checked(split_cell(text), [column]) if text else Options(())
            except BadOptions as error:
                raise Refusal(error.message, column) from error
        return self._checked(self._option_columns(), self.columns.options)

    def _option_columns(self) -> Options:
        columns = self.columns.options
        texts = [
            self.pictures.text(self.line, column, *[also] if also else [])
            for column, also in zip(columns, self.columns.option_pictures, strict=True)
        ]
        while texts and not texts[-1]:
            texts.pop()
        if not self.is_verbatim:
            try:
                texts = without_letters(texts)
            except BadOptions as error:
                raise Refusal(error.message, columns[0]) from error
        return Options(tuple(texts), self.columns.counted, self._right(len(texts)))

    def _right(self, count: int) -> tuple[int, ...] | None:
        """Return the options that say of themselves that they are right."""
        chosen = []
        for place, column in enumerate(self.columns.right):
            word = plain(self.line.at(column)[:LONGEST_WORD])
            if word in h.TRUE_WORDS and place < count:
                chosen.append(place)
            elif word in h.TRUE_WORDS:
                raise Refusal(M("没有对应的选项，却写着正确。"), column)
            elif word and word not in h.FALSE_WORDS:
                raise Refusal(M("是否正确只能填“是”或“否”。"), column)
        return tuple(chosen) if self.columns.right else None

    def _checked(self, options: Options, columns: Sequence[int]) -> Options:
        if len(options.texts) > MOST_OPTIONS:
            raise Refusal(M("选项最多 %(most)s 个。", most=MOST_OPTIONS), columns[0])
        seen: dict[str, int] = {}
        for place, text in enumerate(options.texts):
            column = columns[min(place, len(columns) - 1)]
            letter = chr(ord("A") + place)
            if not text:
                raise Refusal(M("选项%(letter)s 是空的，后面却还有选项。", letter=letter), column)
            if len(text) > LONGEST_OPTION:
                raise Refusal(M("文字过长，最多 %(most)s 字。", most=LONGEST_OPTION), column)
            twin = seen.setdefault(unicodedata.normalize("NFKC", text).casefold(), place)
            if twin != place:
                one = chr(ord("A") + twin)
                raise Refusal(M("选项%(one)s 和选项%(other)s 的文字相同。", one=one, other=letter), column)
        return options

    def tags(self, line: Line) -> tuple[str, ...]:
        """Return what the question is about."""
        between = re.compile("\n") if self.is_verbatim else _LIST
        words = between.split(line.at(line.column(h.TAGS)))
        for column in self.columns.categories:
            words += _CATEGORY_LIST.split(line.at(column))
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))

    def difficulty(self, line: Line) -> Difficulty:
        """Return how hard it is meant to be."""
        text = line.at(line.column(h.DIFFICULTY))
        if not text:
            return Difficulty.MEDIUM
        level = h.DIFFICULTIES.get(plain(text[:LONGEST_WORD]))
        if level is None:
            raise Refusal(M("不认识这个难度，可填：易、中、难。"), line.column(h.DIFFICULTY))
        return level

    def roles(self, line: Line) -> tuple[str, ...]:
        """Return the job roles that it is for."""
        found = []
        for word in _LIST.split(line.at(line.column(h.ROLES))):
            role = h.ROLE_WORDS.get(plain(word[:LONGEST_WORD]))
            if role:
                found.append(role)
            elif word:
                raise Refusal(
                    M("不认识这个岗位，可填：关键岗位人员、安全管理人员、主要负责人。"), line.column(h.ROLES)
                )
        return tuple(dict.fromkeys(found))

    def code(self, line: Line) -> str:
        """A number with a letter names the question; a bare 1, 2, 3 only counts the rows of its file."""
        text = line.text(h.CODE, LONGEST_CODE)
        return text if self.is_verbatim or re.search(r"[A-Za-z]", text) else ""
