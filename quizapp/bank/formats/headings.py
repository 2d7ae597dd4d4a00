"""The headings under which banks keep their columns, and the words they use in them."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

from quizapp.bank.questions import Difficulty
from quizapp.imports.rows import plain, words_of

STEM, TYPE, KEY, OPTION, OPTIONS = "stem", "type", "key", "option", "options"
EXPLANATION, SOURCE, TAGS, CATEGORY = "explanation", "source", "tags", "category"
DIFFICULTY, ROLES, CODE = "difficulty", "roles", "code"
#: A sample answer; the key where there is no other.
REFERENCE = "reference"
#: The right options' texts, only to check the key by.
KEY_TEXT = "key_text"
#: Whether each option is right, where every option says so itself.
RIGHT = "right"
#: Columns that hold pictures alone, and one that says whether there is one.
PICTURE, OPTION_PICTURE, HAS_PICTURE = "picture", "option_picture", "has_picture"
CASE, CASE_NUMBER, CASE_EXPLANATION = "case", "case_number", "case_explanation"
#: Rows of ours that say what they say, nothing in them is taken for a mark.
VERBATIM = "verbatim"

#: The columns of the template and of what is written, in their order.
HEADINGS = (
    "编号", "题型", "题干", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "选项G", "选项H",
    "答案", "解析", "依据", "知识点", "难度", "适用岗位", "案例编号", "案例", "案例解析", "原样",
)  # fmt: skip

_SYNONYMS = {
    TYPE: "题型 试题类型 题目类型 类型 题类 type questiontype",
    STEM: "题干 题目 题目内容 试题内容 试题题干 问题 问题描述 内容 标题 试题 question stem content title",
    OPTIONS: "选项 题目选项 试题选项 备选项 备选答案 options choices",
    KEY: "答案 正确答案 标准答案 题目答案 试题答案 正确选项 answer rightanswer correctanswer",
    REFERENCE: "参考答案",
    KEY_TEXT: "正确答案文本 答案文本 正确答案内容",
    EXPLANATION: "解析 答案解析 试题解析 题目解析 解释 说明 explains explanation analysis",
    SOURCE: "依据 法律依据 出处 来源 依据条款 条款 source",
    TAGS: "知识点 考点 标签 tags",
    DIFFICULTY: "难度 难度等级 难度系数 level difficulty",
    ROLES: "适用岗位 适用对象 适用人员 岗位 人员类别 roles",
    CODE: "编号 题号 序号 原题号 id code",
    PICTURE: "图片 题干图片 题目图片 试题图片 题图 配图 图 image picture",
    HAS_PICTURE: "是否有图片 是否有图 有无图片 是否图片题",
    CASE: "案例 材料 案例材料 案例内容 背景材料 case",
    CASE_NUMBER: "案例编号 材料编号 案例号 材料号 案例序号",
    CASE_EXPLANATION: "案例解析 材料解析",
    VERBATIM: "原样",
}
_CATEGORIES = (
    "分类 类别 章节 所属章节 模块 科目 所属科目 题库 题库名称 课程 课程名称 作业种类 category subject chapter"
)

#: Normalised heading → field.
FIELDS = MappingProxyType(
    {**words_of(_SYNONYMS), **{word: f"{CATEGORY}:{word}" for word in _CATEGORIES.split()}}
)

_CHINESE_NUMBERS = "一二三四五六七八"
_NAME = r"(?P<name>[a-h]|[1-8]|[一二三四五六七八])"
_NUMBERED = (
    (
        OPTION,
        re.compile(rf"(?P<word>选项|备选项|备选答案|答案|option_?|item_?|4选)?{_NAME}(?:内容|项|选项)?"),
    ),
    (RIGHT, re.compile(rf"(?:选项|备选项|option_?){_NAME}(?:是否正确|是否为?答案|正确)")),
    (OPTION_PICTURE, re.compile(rf"(?:选项|备选项|option_?){_NAME}(?:图片|图)")),
    (KEY, re.compile(rf"(?:正确选项|正确答案|答案选项){_NAME}")),
)
_NOTE = re.compile(r"\[[^\]]*\]|【[^】]*】|[:：]\s*$")

DIFFICULTIES = MappingProxyType(
    {
        word: level
        for level, words in {
            Difficulty.EASY: "易 简单 容易 低 较易 1 easy",
            Difficulty.MEDIUM: "中 一般 普通 中等 适中 2 3 medium",
            Difficulty.HARD: "难 困难 较难 高 4 5 hard",
        }.items()
        for word in words.split()
    }
)
DIFFICULTY_WORDS = MappingProxyType({Difficulty.EASY: "易", Difficulty.MEDIUM: "中", Difficulty.HARD: "难"})

ROLE_WORDS = MappingProxyType(
    {
        word: role
        for role, words in {
            "key_post": "关键岗位人员 关键岗位 key_post",
            "safety_manager": "安全管理人员 安全管理 安全员 safety_manager",
            "principal": "主要负责人 负责人 实际控制人 主要负责人(实际控制人) principal",
        }.items()
        for word in words.split()
    }
)
ROLE_NAMES = MappingProxyType(
    {"key_post": "关键岗位人员", "safety_manager": "安全管理人员", "principal": "主要负责人"}
)

TRUE_WORDS = frozenset("对 正确 √ ✓ ✔ 是 t true y yes 1".split())
FALSE_WORDS = frozenset("错 错误 不正确 × ✗ ✘ 否 f false n no 0".split())


def field_of(heading: str) -> str | None:
    """Return what a heading stands for: a field, or one with a place from 0 as ``option:N``. None if unknown.

    The fields with a place are `option`, `right`, `option_picture` and `key`; `category` has its own word.
    """
    # A heading is short; what is long need not be looked at.
    word = plain(_NOTE.sub("", heading.strip())) if len(heading) <= LONGEST_HEADING else ""
    if word in FIELDS:
        return FIELDS[word]
    for field, pattern in _NUMBERED:
        match = pattern.fullmatch(word)
        if match is None:
            continue
        name = match["name"]
        if field == OPTION and match["word"] is None and not name.isascii():
            return None
        if name == word and name.isdigit():
            return None
        return placed(field, _place(name))
    return None


LONGEST_HEADING = 100


def _place(name: str) -> int:
    if name in _CHINESE_NUMBERS:
        return _CHINESE_NUMBERS.index(name)
    return int(name) - 1 if name.isdigit() else ord(name) - ord("a")


def counts_options(heading: str) -> bool:
    """Say whether an option's heading names it by a number, so that a key may too."""
    word = plain(_NOTE.sub("", heading.strip()))
    return any(
        sign in _CHINESE_NUMBERS or sign in "12345678" for sign in unicodedata.normalize("NFKC", word)[-4:]
    )


def placed(field: str, place: int) -> str:
    """Return the name of the field that belongs to the option at a place from 0."""
    return f"{field}:{place}"
