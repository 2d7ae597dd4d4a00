"""Questions written as a table: the template's columns, so that what goes out comes in again equal.

A row in which the reader would take something for a mark (“A.” before an option, a number before the stem)
says 是 in 原样, and is then read as it stands. Pictures stand on their cells; the text says where: ``[图1]``.
Of a case every part has a row, the first one bears the case's own text. A .csv has no pictures.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import xlsxwriter
from PIL import Image

from quizapp.bank.formats import headings as h
from quizapp.bank.formats.cells import without_references
from quizapp.bank.formats.fillings import write_fillings
from quizapp.bank.formats.kinds import LABELS
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.questions import Difficulty, QuestionContent, QuestionType
from quizapp.files.pictures import Picture
from quizapp.files.references import without_pictures
from quizapp.imports.tables import CellPicture, Table, UnreadableFile
from quizapp.web.formulas import guarded

SHEET = "题目"
_FIELDS = tuple(map(h.field_of, h.HEADINGS))
_VERBATIM = _FIELDS.index(h.VERBATIM)
YES = "是"
#: In points and in pixels; a picture is made to fit.
ROW_HEIGHT, PICTURE_HEIGHT, PICTURE_WIDTH = 90, 100, 200
_STEP, _MOST_STEPS = 12, 6
_WIDE = {h.STEM, h.EXPLANATION, h.CASE}


@dataclass
class _Row:
    """The cells of one row, and its pictures by column from 0, each with its alternative text."""

    cells: list[str]
    pictures: dict[int, list[tuple[Picture, str]]] = field(default_factory=dict)


def write(questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as an .xlsx file; the pictures by digest."""
    rows = _rows(list(questions), pictures)
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F5F6F8", "border": 1, "border_color": "#E4E7EB"})
        # Text cells: Excel must not turn an answer into a date.
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(SHEET)
        for column, name in enumerate(_FIELDS):
            sheet.set_column(column, column, 48 if name in _WIDE else 14, text)
        sheet.write_row(0, 0, h.HEADINGS, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            if row.pictures:
                sheet.set_row(number, ROW_HEIGHT)
            for column, cell in enumerate(row.cells):
                if cell:
                    sheet.write_string(number, column, cell, text)
            for column, many in row.pictures.items():
                for place, (picture, description) in enumerate(many):
                    sheet.insert_image(number, column, *_image(picture, description, place))
    return file.getvalue()


def write_csv(questions: Iterable[QuestionContent], _pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as a .csv file; a picture leaves what it shows."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(h.HEADINGS)
    for row in _rows(list(questions), {}):
        writer.writerow([guarded(without_pictures(cell)) for cell in row.cells])
    return ("\ufeff" + file.getvalue()).encode()


def _image(picture: Picture, description: str, place: int) -> tuple[str, dict[str, object]]:
    with Image.open(io.BytesIO(picture.content)) as image:
        width, height = image.size
    scale = min(1.0, PICTURE_HEIGHT / height, PICTURE_WIDTH / width)
    offset = _STEP * min(place, _MOST_STEPS)
    options = {
        "image_data": io.BytesIO(picture.content), "description": description, "object_position": 1,
        "x_scale": scale, "y_scale": scale, "x_offset": offset, "y_offset": offset,
    }  # fmt: skip
    return f"picture.{picture.extension}", options


def _rows(questions: Sequence[QuestionContent], pictures: Mapping[str, Picture]) -> list[_Row]:
    """Return the rows of all questions, marked where they must be read as they stand."""
    groups = [
        list(_rows_of(question, number, pictures)) for number, question in enumerate(questions, start=1)
    ]
    read = _read_again([row for group in groups for row in group])
    first = 2
    for question, group in zip(questions, groups, strict=True):
        found = read.get(first)
        if found != question or found.code != question.code:
            for row in group:
                row.cells[_VERBATIM] = YES
        first += len(group)
    return [row for group in groups for row in group]


def _read_again(rows: Sequence[_Row]) -> dict[int, QuestionContent]:
    """Return what the reader makes of rows, by the number of each question's first one."""
    table = Table(
        SHEET,
        (h.HEADINGS, *(tuple(row.cells) for row in rows)),
        pictures={
            (number, column + 1): tuple(CellPicture(picture.content, said) for picture, said in many)
            for number, row in enumerate(rows, start=2)
            for column, many in row.pictures.items()
        },
    )
    try:
        return {one.row: one.content for one in parse_tables([table]).questions}
    except UnreadableFile:
        return {}


def _rows_of(question: QuestionContent, number: int, pictures: Mapping[str, Picture]) -> Iterator[_Row]:
    if question.type is not QuestionType.CASE:
        yield _row({**_body(question), **_about(question)}, pictures)
        return
    case = {h.CASE: question.stem, h.CASE_EXPLANATION: question.explanation, **_about(question)}
    for part in question.parts:
        yield _row({**case, **_body(part), h.CASE_NUMBER: str(number)}, pictures)
        case = {}


def _row(values: Mapping[str, str], pictures: Mapping[str, Picture]) -> _Row:
    row = _Row([])
    for column, name in enumerate(_FIELDS):
        text, found = without_references(values.get(name or "", ""), pictures.get)
        row.cells.append(text)
        if found:
            row.pictures[column] = found
    return row


def _body(question: QuestionContent) -> dict[str, str]:
    values = {
        h.TYPE: LABELS[question.type].text,
        h.STEM: question.stem,
        h.KEY: _key(question),
        h.EXPLANATION: question.explanation,
    }
    if question.type is not QuestionType.TRUE_FALSE:
        values |= {h.placed(h.OPTION, place): text for place, text in enumerate(question.options)}
    return values


def _key(question: QuestionContent) -> str:
    if question.type is QuestionType.FILL_IN:
        return write_fillings(question.blanks)
    if question.type is QuestionType.TRUE_FALSE:
        return "错" if question.key[0] else "对"
    return "".join(chr(ord("A") + place) for place in question.key)


def _about(question: QuestionContent) -> dict[str, str]:
    # Tags that hold what stands between tags make the row one to be read as it stands.
    between = "\n" if any(set(tag) & set(" ,，、;；|/") for tag in question.tags) else "、"
    return {
        h.CODE: question.code,
        h.SOURCE: question.source,
        h.TAGS: between.join(question.tags),
        h.DIFFICULTY: ""
        if question.difficulty is Difficulty.MEDIUM
        else h.DIFFICULTY_WORDS[question.difficulty],
        h.ROLES: "、".join(h.ROLE_NAMES[role] for role in question.roles),
    }
