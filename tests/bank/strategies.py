"""Generated questions of every type, with texts that are hard on every format."""

from __future__ import annotations

import io
from decimal import Decimal

from hypothesis import strategies as st
from PIL import Image

from quizapp.bank.questions import (
    BLANK,
    TRUE_FALSE_OPTIONS,
    Blank,
    Difficulty,
    QuestionContent,
    QuestionType,
)
from quizapp.directory.roles import JobRole
from quizapp.files.pictures import Picture, make_anew
from quizapp.files.references import refer

#: Whole texts and pieces that some format takes for something of its own.
TRAPS = (
    "=1+1", "+2", "-3", "@SUM(A1)", "A", "B. 停止作业", "（ A ）", "答案：B", "解析：无", "1、", "一、单选题", "{=A ~B}",
    "a~b=c#d:e{f}g\\h", "::标题::", "//注释", "$CATEGORY: x", "<b>粗</b>&amp;<![CDATA[x]]>", "]]>", '"引号", 逗号',
    "第一行\n第二行", "制表\t符", "😀🔥", "ＡＢＣ（全角）", "A|B##C", "**A.甲**B.乙", "正确", "错", "√", "x", "0", "1.0",
    "2009-5-1", "≥", "≤", "N/A", "NULL", "true", "'", "\\n", "%s", "<!--", "A、B", "ANSWER: C",
)  # fmt: skip
_letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
_pieces = st.one_of(st.sampled_from(TRAPS), st.text(_letters, max_size=20))


def _picture(colour: tuple[int, int, int]) -> Picture:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(file, "PNG")
    return make_anew(file.getvalue())


#: What generated texts may refer to.
PICTURES = {
    picture.digest: picture for picture in map(_picture, [(200, 30, 30), (30, 200, 30), (30, 30, 200)])
}
_references = st.builds(
    refer, st.sampled_from(sorted(PICTURES)), st.sampled_from(("", "锅炉房平面图", "figure 1"))
)


def texts(*, with_pictures: bool = True) -> st.SearchStrategy[str]:
    """One to four pieces with something to read in them, no white space at either end, no mark of a blank."""
    pieces = st.one_of(_pieces, _references) if with_pictures else _pieces
    return (
        st.lists(pieces, min_size=1, max_size=4)
        .map(lambda found: " ".join(found).strip().replace(BLANK, "___"))
        .filter(lambda text: any(sign.isalnum() for sign in text))
    )


@st.composite
def options(draw: st.DrawFn, *, with_pictures: bool = True) -> tuple[str, ...]:
    """Two to eight texts that stay apart however they are folded."""
    found = draw(st.lists(texts(with_pictures=with_pictures), min_size=2, max_size=8))
    return tuple(f"{text} {number}号" for number, text in enumerate(found, start=1))


def _blanks() -> st.SearchStrategy[Blank]:
    plain = st.lists(
        texts(with_pictures=False).map(lambda text: text[:80].strip()), min_size=1, max_size=3, unique=True
    )
    numbers = st.decimals(-1000, 1000, places=2).map(str)
    return st.one_of(
        plain.map(lambda accepted: Blank(tuple(accepted))),
        st.builds(
            lambda number, off: Blank((number,), off),
            numbers,
            st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(2)]),
        ),
    )


@st.composite
def bodies(draw: st.DrawFn, kind: QuestionType, *, with_pictures: bool = True) -> dict[str, object]:
    """What is asked and what is right, for any type but a case."""
    stem = draw(texts(with_pictures=with_pictures))
    if kind is QuestionType.TRUE_FALSE:
        return {"type": kind, "stem": stem, "options": TRUE_FALSE_OPTIONS, "key": (draw(st.integers(0, 1)),)}
    if kind is QuestionType.FILL_IN:
        blanks = draw(st.lists(_blanks(), min_size=1, max_size=4))
        marked = "，".join(f"{stem} 第{number}处{BLANK}" for number, _ in enumerate(blanks, start=1))
        return {"type": kind, "stem": marked, "blanks": tuple(blanks)}
    found = draw(options(with_pictures=with_pictures))
    places = st.integers(0, len(found) - 1)
    least = 2 if kind is QuestionType.MULTIPLE else 1
    most = len(found) if kind is QuestionType.MULTIPLE else 1
    key = draw(st.sets(places, min_size=least, max_size=most))
    return {"type": kind, "stem": stem, "options": found, "key": tuple(sorted(key))}


@st.composite
def questions(
    draw: st.DrawFn, kinds: tuple[QuestionType, ...] = tuple(QuestionType), *, with_pictures: bool = True
) -> QuestionContent:
    """A question of one of these types with everything that a revision fixes."""
    kind = draw(st.sampled_from(kinds))
    if kind is QuestionType.CASE:
        part_kinds = st.sampled_from([one for one in QuestionType if one is not QuestionType.CASE])
        parts = tuple(
            QuestionContent(
                **draw(bodies(part_kind, with_pictures=with_pictures)),  # type: ignore[arg-type]  # by name
                explanation=draw(st.one_of(st.just(""), texts(with_pictures=False))),
            )
            for part_kind in draw(st.lists(part_kinds, min_size=1, max_size=4))
        )
        body: dict[str, object] = {
            "type": kind,
            "stem": draw(texts(with_pictures=with_pictures)),
            "parts": parts,
        }
    else:
        body = draw(bodies(kind, with_pictures=with_pictures))
    return QuestionContent(
        **body,  # type: ignore[arg-type]  # the fields by name
        explanation=draw(st.one_of(st.just(""), texts(with_pictures=with_pictures))),
        source=draw(st.sampled_from(["", "《安全生产法》（2021年修正）第五十五条", "GB 2894-2025, 4.1"])),
        tags=tuple(
            draw(
                st.lists(
                    st.sampled_from(["消防安全", "应急处置与事故报告", "C/D", "a b"]), unique=True, max_size=3
                )
            )
        ),
        difficulty=draw(st.sampled_from(Difficulty)),
        roles=tuple(
            draw(st.lists(st.sampled_from([role.value for role in JobRole]), unique=True, max_size=3))
        ),
        code=draw(st.sampled_from(["", "AQ-001", "x1"])),
    )
