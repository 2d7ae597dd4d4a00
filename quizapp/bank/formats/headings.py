"""The headings under which banks keep their columns, and the words they use in them."""

from __future__ import annotations

import re
from types import MappingProxyType

from quizapp.bank.questions import Difficulty, QuestionType
from quizapp.imports.rows import plain, words_of

STEM, TYPE, KEY, OPTION = "stem", "type", "key", "option"
EXPLANATION, SOURCE, TAGS = "explanation", "source", "tags"
DIFFICULTY, ROLES, CODE = "difficulty", "roles", "code"

_SYNONYMS = {
    TYPE: "题型 试题类型 题目类型 类型 题类 type questiontype",
    STEM: "题干 题目 题目内容 试题内容 试题题干 问题 问题描述 内容 标题 试题 question stem content title",
    KEY: "答案 正确答案 标准答案 题目答案 参考答案 正确选项 answer rightanswer correctanswer",
    EXPLANATION: "解析 答案解析 试题解析 解释 说明 explains explanation analysis",
    SOURCE: "依据 法律依据 出处 来源 依据条款 条款 source",
    TAGS: "知识点 考点 分类 类别 章节 所属章节 模块 标签 category tags",
    DIFFICULTY: "难度 难度等级 难度系数 level difficulty",
    ROLES: "适用岗位 适用对象 适用人员 岗位 人员类别 roles",
    CODE: "编号 题号 序号 原题号 id code",
}

#: Normalised heading → field.
FIELDS = MappingProxyType(words_of(_SYNONYMS))

_CHINESE_NUMBERS = "一二三四五六七八"
_OPTION = re.compile(r"(?:选项|备选项|option|4选)?([a-h]|[1-8]|[一二三四五六七八])(?:内容)?")

TYPES = MappingProxyType(
    {
        word: kind
        for kind, words in {
            QuestionType.SINGLE: "单选 单选题 单项 单项选择 单项选择题 单 single radio",
            QuestionType.MULTIPLE: "多选 多选题 多项选择 多项选择题 多 multiple checkbox",
            QuestionType.TRUE_FALSE: "判断 判断题 是非 是非题 对错题 正误题 判 judge truefalse t/f boolean",
        }.items()
        for word in words.split()
    }
)

DIFFICULTIES = MappingProxyType(
    {
        word: level
        for level, words in {
            Difficulty.EASY: "易 简单 容易 低 1 easy",
            Difficulty.MEDIUM: "中 一般 普通 中等 2 3 medium",
            Difficulty.HARD: "难 困难 较难 高 4 5 hard",
        }.items()
        for word in words.split()
    }
)

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

TRUE_WORDS = frozenset("对 正确 √ ✓ ✔ 是 t true y yes 1".split())
FALSE_WORDS = frozenset("错 错误 不正确 × ✗ ✘ 否 f false n no 0".split())


def field_of(heading: str) -> str | None:
    """Return what a heading stands for: a field, or ``option:N`` from 0. None if unknown."""
    word = plain(heading)
    if word in FIELDS:
        return FIELDS[word]
    match = _OPTION.fullmatch(word)
    if match is None:
        return None
    name = match[1]
    if name in _CHINESE_NUMBERS:
        return option(_CHINESE_NUMBERS.index(name))
    if name.isdigit():
        return option(int(name) - 1) if len(word) > 1 else None
    return option(ord(name) - ord("a"))


def option(place: int) -> str:
    """Return the field of the option at a place from 0."""
    return f"{OPTION}:{place}"
