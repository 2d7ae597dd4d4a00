"""One row of a table of questions: everything that is wrong with it at once, or the question it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from quizapp.bank.formats import headings as h
from quizapp.bank.formats import stems
from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.choices import Options
from quizapp.bank.formats.columns import Columns
from quizapp.bank.formats.fields import LONGEST_WORD, Case, RowFields
from quizapp.bank.formats.fillings import BadFilling, parse_fillings, read_fillings
from quizapp.bank.formats.keys import BadKey, check_count, check_text, chosen_options, read_key
from quizapp.bank.formats.kinds import (
    LABELS,
    USABLE,
    Kind,
    UnknownKind,
    inferred,
    is_case,
    is_truth,
    kind_of,
)
from quizapp.bank.questions import TRUE_FALSE_OPTIONS, QuestionContent, QuestionType
from quizapp.files.references import digests_in
from quizapp.imports.rows import Line, Refusal, RowReader, plain
from quizapp.imports.tables import Problem
from quizapp.messages import M, Message

LEAST_OPTIONS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is a question, or a part of a case."""

    line: Line
    content: QuestionContent
    case: Case | None
    remarks: tuple[Message, ...]


@dataclass
class RowParser:
    """Makes one row a question. `title_kind` is the type that the sheet's name or a section's title gives."""

    fields: RowFields
    title_kind: Kind | None = None
    remarks: list[Message] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """Return the row."""
        return self.fields.line

    @property
    def columns(self) -> Columns:
        """Return where everything stands."""
        return self.fields.columns

    def read(self) -> Row | list[Problem]:
        """Return the question, or everything that is wrong with it."""
        reader = RowReader(self.line)
        stem = reader.take(self.fields.stem)
        options = reader.take(self.fields.options)
        case = reader.take(self.fields.case)
        kind = reader.take(lambda _line: self._kind(stem or "", options, case))
        key = reader.take(lambda _line: self._key_texts(kind))
        body = None
        if stem is not None and options is not None and kind and key is not None:
            body = reader.take(lambda _line: self._body(kind, stem, options, key))
        about = {
            "explanation": reader.take(lambda _line: self.fields.long(h.EXPLANATION)),
            "source": reader.take(lambda _line: self.fields.long(h.SOURCE)),
            "tags": reader.take(self.fields.tags),
            "difficulty": reader.take(self.fields.difficulty),
            "roles": reader.take(self.fields.roles),
            "code": reader.take(self.fields.code),
        }
        if reader.refusals or body is None:
            return reader.problems()
        content = QuestionContent(**body, **about)  # type: ignore[arg-type]  # no field refused
        fault = self._fault(content, case)
        if fault is not None:
            return [self.line.problem(fault.column, fault.message)]
        return Row(self.line, content, case, tuple(self.remarks))

    def _kind(self, stem: str, options: Options | None, case: Case | None) -> Kind:
        column = self.line.column(h.TYPE)
        word = self.line.at(column)
        if word and not (is_case(word) and case):
            if is_case(word):
                raise Refusal(M("案例题请把材料写在“案例”一栏，每个小题一行，题型写小题自己的题型。"), column)
            try:
                return kind_of(word)
            except UnknownKind as error:
                raise Refusal(error.message, column) from error
        if self.title_kind is not None:
            return self.title_kind
        keys = self._raw_keys()
        found = inferred(keys[0][0] if keys else "", options.texts if options else (), stem)
        if found is None and not keys:
            raise Refusal(M("题型是空的，%(usable)s", usable=[USABLE]), column)
        if found is None:
            reason = M(
                "没有写题型，也没有选项，认不出是什么题。请补上选项各栏，题型%(usable)s", usable=[USABLE]
            )
            raise Refusal(reason, column or keys[0][1])
        return Kind(found.type, found.lenient, is_inferred=True)

    def _raw_keys(self) -> list[tuple[str, int]]:
        """Return what stands in the answer's columns with the column of each."""
        for columns in ([self.line.column(h.KEY)], self.columns.keys, [self.line.column(h.REFERENCE)]):
            found = [(self.line.at(column), column) for column in columns if self.line.at(column)]
            if found:
                return found
        return []

    def _key_column(self) -> int:
        columns = (
            self.line.column(h.KEY),
            *self.columns.keys,
            self.line.column(h.REFERENCE),
            *self.columns.right,
        )
        return next((column for column in columns if column), 0)

    def _key_texts(self, kind: Kind | None) -> list[tuple[str, int]]:
        keys = self._raw_keys()
        if not keys and not self.columns.right:
            raise Refusal(M("答案是空的，请填写正确答案。"), self._key_column())
        for _, column in keys:
            oddity = self.line.table.odd.get((self.line.number, column), "")
            if oddity == "date":
                raise Refusal(M("答案单元格是日期，原来的答案已无法还原，请改为文本后重填。"), column)
            if oddity == "error" or (oddity and not (kind and kind.type is QuestionType.FILL_IN)):
                raise Refusal(M("答案单元格是小数或错误值，请改为文本后重填。"), column)
        return keys

    def _body(
        self, kind: Kind, stem: str, options: Options, keys: Sequence[tuple[str, int]]
    ) -> dict[str, object]:
        column = keys[0][1] if keys else self._key_column()
        try:
            if kind.type is QuestionType.FILL_IN:
                return self._filled(stem, options, keys)
            key = self._judged(options, keys) if kind.type is QuestionType.TRUE_FALSE else None
            if key is None:
                key = self._chosen(options, keys)
                kind = self._settled(kind, key)
                check_count(_type(kind), key)
            self._check_key_text(_type(kind), key, options)
        except (BadKey, BadFilling) as error:
            raise Refusal(error.message, column) from error
        is_judged = kind.type is QuestionType.TRUE_FALSE
        if kind.is_inferred:
            self.remarks.append(M("没有写题型，按答案认作%(kind)s，请核对。", kind=[LABELS[_type(kind)]]))
        return {
            "type": _type(kind),
            "stem": self._without_key(stem, _type(kind), key, len(options.texts)),
            "options": TRUE_FALSE_OPTIONS if is_judged else options.texts,
            "key": key,
        }

    def _judged(self, options: Options, keys: Sequence[tuple[str, int]]) -> tuple[int, ...]:
        if not all(map(is_truth, options.texts)):
            raise Refusal(
                M("判断题的选项只能是“正确”和“错误”。"),
                (self.columns.options or (self.line.column(h.OPTIONS),))[0],
            )
        if not keys and options.right is not None and len(options.right) == 1:
            return read_key(QuestionType.TRUE_FALSE, options.texts[options.right[0]], ())
        return read_key(QuestionType.TRUE_FALSE, keys[0][0] if keys else "", options.texts)

    def _chosen(self, options: Options, keys: Sequence[tuple[str, int]]) -> tuple[int, ...]:
        if len(options.texts) < LEAST_OPTIONS:
            first = self.columns.options[0] if self.columns.options else self.line.column(h.OPTIONS)
            raise Refusal(M("选择题至少要有两个选项（选项A、选项B……各占一栏）。"), first)
        if self.fields.is_verbatim and keys:
            return tuple(sorted({ord(letter) - ord("A") for letter in keys[0][0]}))
        found = {
            place
            for text, _ in keys
            for place in chosen_options(text, options.texts, counted=options.counted)
        }
        if options.right is None:
            return tuple(sorted(found))
        if not options.right:
            raise BadKey(M("没有一个选项写着正确，请填写“是”或“否”。"))
        if keys and found != set(options.right):
            raise BadKey(M("答案一栏与各选项的“是否正确”不一致，请核对。"))
        return options.right

    def _settled(self, kind: Kind, key: Sequence[int]) -> Kind:
        """Return the type that one or several right options make of a lenient one."""
        if not kind.lenient:
            return kind
        if kind.type is QuestionType.MULTIPLE and len(key) == 1:
            self.remarks.append(M("不定项选择题只有一个答案，已作为单选题。"))
        is_single = len(key) == 1
        return Kind(QuestionType.SINGLE if is_single else QuestionType.MULTIPLE, is_inferred=kind.is_inferred)

    def _check_key_text(self, kind: QuestionType, key: Sequence[int], options: Options) -> None:
        text = self.line.at(self.line.column(h.KEY_TEXT))
        if not text or self.fields.is_verbatim:
            return
        if kind is QuestionType.TRUE_FALSE:
            if is_truth(text) and read_key(kind, text, ()) != tuple(key):
                raise BadKey(M("正确答案与正确答案文本不一致，请核对。"))
            return
        check_text(text, key, options.texts)

    def _filled(self, stem: str, options: Options, keys: Sequence[tuple[str, int]]) -> dict[str, object]:
        if options.texts:
            first = self.columns.options[0] if self.columns.options else self.line.column(h.OPTIONS)
            raise Refusal(M("填空题不能有选项。"), first)
        if self.fields.is_verbatim:
            marked, blanks = stem, parse_fillings(keys[0][0])
        else:
            text = "；".join(text for text, _ in keys)
            marked, blanks, remarks = read_fillings(stem, text)
            self.remarks += remarks
        return {"type": QuestionType.FILL_IN, "stem": marked, "blanks": blanks}

    def _without_key(self, stem: str, kind: QuestionType, key: Sequence[int], count: int) -> str:
        if self.fields.is_verbatim:
            return stem
        try:
            blanked, remarks = stems.without_key(stem, kind, key, count)
        except BadKey as error:
            raise Refusal(error.message, self.line.column(h.STEM)) from error
        self.remarks += remarks
        return blanked

    def _fault(self, content: QuestionContent, case: Case | None) -> Refusal | None:
        """Return what is wrong with the question as a whole."""
        texts = [content.stem, content.explanation, *content.options]
        shown = digests_in([*texts, case.text if case else ""])
        if not shown <= self.fields.pictures.shelf.kept.keys():
            return Refusal(M("文字里引用的图片不在文件里。"), self.line.column(h.STEM))
        says_so = plain(self.line.at(self.line.column(h.HAS_PICTURE))[:LONGEST_WORD]) in h.TRUE_WORDS
        speaks = not self.fields.is_verbatim and stems.is_about_a_picture(content.stem)
        if not shown and (says_so or speaks):
            reason = M("题干说到图，却没有图片。请用 .xlsx 文件，把图片放在题干的单元格上。")
            return Refusal(reason, self.line.column(h.STEM))
        try:
            check_question(content)
        except BadQuestion as error:
            return Refusal(error.message, self.line.column(h.STEM))
        return None


def _type(kind: Kind) -> QuestionType:
    assert kind.type is not None  # noqa: S101 - settled before
    return kind.type
