"""Moodle XML, and how what it has no field for is carried so that Moodle still reads every question.

The format is that of MoodleDocs, “Moodle XML format”; gaps follow “Embedded Answers (Cloze) question type”.

===============  =========================================================================================
code             `<idnumber>`
tags             `<tags>`; one that looks like a mark of ours goes as ``quizapp:tag=…``
difficulty       the tag ``quizapp:difficulty=easy`` or ``…=hard``
roles            a tag ``quizapp:role=key_post`` each
explanation      `<generalfeedback>`
source           the last paragraph of `<generalfeedback>`, ``<p class="quizapp-source">依据：…</p>``
a case           a `description` with the tag ``quizapp:case=ID/PARTS``, then its questions, each with the tag
                 ``quizapp:part=ID/NUMBER``; they find one another by these, in whatever order they come
one blank        `shortanswer`, with a tolerance `numerical`; Moodle puts the box where ``_____`` stands
several blanks   `cloze` with SHORTANSWER and NUMERICAL gaps of weight 1
several answers  `multichoice`: equal shares of 100 for the right options and -100 for a wrong one, so that
                 nothing but the whole key earns the whole mark
===============  =========================================================================================

What a line of text would lose as HTML (two spaces, a tab) stands in a span, see `quizapp.bank.formats.flow`.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from quizapp.messages import M

OWN = "quizapp:"
DIFFICULTY, ROLE, TAG = f"{OWN}difficulty=", f"{OWN}role=", f"{OWN}tag="
CASE, PART = f"{OWN}case=", f"{OWN}part="
#: Stands for the number of parts of a case, or of a part in it, after the case's own name.
PLACE = re.compile(r"([0-9A-Za-z-]{1,64})/(\d{1,2})")
SOURCE_OPENING, SOURCE_LABEL = '<p class="quizapp-source">', "依据："
#: Where Moodle puts the box of a short answer.
BOX = "_____"
PLUGIN_FILE = "@@PLUGINFILE@@/"

#: Questions that Moodle has and this product has not.
UNUSABLE = MappingProxyType(
    {
        "matching": M("匹配题"),
        "match": M("匹配题"),
        "randomsamatch": M("随机匹配题"),
        "random": M("随机题"),
        "essay": M("论述题"),
        "ddwtos": M("拖放填词题"),
        "gapselect": M("下拉选词题"),
        "ddimageortext": M("拖放到图片题"),
        "ddmarker": M("拖放标记题"),
        "calculated": M("计算题"),
        "calculatedsimple": M("简单计算题"),
        "calculatedmulti": M("计算选择题"),
        "ordering": M("排序题"),
        "stack": M("STACK 数学题"),
        "coderunner": M("编程题"),
    }
)
