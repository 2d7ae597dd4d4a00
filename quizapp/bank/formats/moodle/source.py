"""One `<question>` of Moodle XML: its texts, its pictures and what is said beside the question. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from quizapp.bank.formats.carried import Carried
from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.hypertext import plain_text
from quizapp.bank.formats.moodle import marks
from quizapp.bank.formats.xmltree import child, children, text_of
from quizapp.bank.questions import Difficulty, normalise
from quizapp.messages import M, Message

LONGEST_MARKUP = 4_000_000
MOST_TAGS_READ = 200
_LINES_COUNT = frozenset({"moodle_auto_format", "markdown"})
#: What Moodle writes by itself; it says nothing about the question.
_STOCK_FEEDBACK = frozenset(
    normalise(text)
    for text in (
        "", "Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect.",
        "Correct", "Partially correct", "Incorrect", "回答正确。", "部分正确。", "回答错误。",
        *(f"{whose}的答案{how}。" for whose in "您你" for how in ("正确", "部分正确", "错误", "不正确")),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A question as it stands in the file; `remarks` gathers what was repaired in it."""

    element: Element
    carried: Carried
    remarks: list[Message] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Return Moodle's word for the type."""
        return self.element.get("type", "").strip()

    def value(self, name: str) -> str:
        """Return the plain value of a field, whether it has a `<text>` inside or not."""
        found = child(self.element, name)
        return "" if found is None else text_of(child(found, "text")) or text_of(found)

    def is_on(self, name: str) -> bool:
        """Say whether a switch is on."""
        return self.value(name).lower() in {"1", "true"}

    def text(self, holder: Element | None) -> str:
        """Return the plain text of a field with its pictures. Raises BadQuestion."""
        return self.said(holder, markup_of(holder))

    def said(self, holder: Element | None, markup: str) -> str:
        """Return what a piece of a field's markup says. Raises BadQuestion."""
        if holder is None:
            return ""
        written = holder.get("format", "html")
        if written == "plain_text":
            return markup.strip()
        pictures = _Pictures(self.carried, holder)
        return plain_text(markup, pictures.reference, lines_count=written in _LINES_COUNT)

    def stem(self) -> str:
        """Return the question's text, with the picture that Moodle 1.9 kept beside it."""
        text = self.text(child(self.element, "questiontext"))
        inline = self.value("image_base64")
        picture = self.carried.reference_in_base64(inline, "") if inline else ""
        return "\n".join(filter(None, [text, picture]))

    def tags(self) -> list[str]:
        """Return the tags as they stand in the file."""
        holder = child(self.element, "tags")
        found = [] if holder is None else list(children(holder, "tag"))
        if len(found) > MOST_TAGS_READ:
            raise BadQuestion(M("知识点最多 %(most)s 个。", most=MOST_TAGS_READ))
        return [text_of(child(tag, "text")) for tag in found]

    def details(self) -> dict[str, Any]:
        """Return everything about the question but what is asked and what is right. Raises BadQuestion."""
        tags = self.tags()
        explanation, source = self._feedback()
        return {
            "explanation": explanation,
            "source": source,
            "tags": tuple(dict.fromkeys(filter(None, map(_plain_tag, tags)))),
            "difficulty": _difficulty(tags),
            "roles": tuple(dict.fromkeys(_marked(tags, marks.ROLE))),
            "code": self.value("idnumber"),
        }

    def _feedback(self) -> tuple[str, str]:
        holder = child(self.element, "generalfeedback")
        markup = markup_of(holder)
        before, opening, after = markup.rpartition(marks.SOURCE_OPENING)
        if not opening:
            return self.said(holder, markup), ""
        return self.said(holder, before), self.said(holder, after).removeprefix(marks.SOURCE_LABEL)

    def remark_what_is_left_out(self) -> None:
        """Say what stands in the file and has no place in the product."""
        combined = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
        texts = [self.text(child(self.element, name)) for name in combined]
        if any(normalise(text) not in _STOCK_FEEDBACK for text in texts):
            self.remarks.append(M("“全对、部分对、全错”时的反馈没有导入，解析只取总反馈。"))
        if any(self.text(hint) for hint in children(self.element, "hint")):
            self.remarks.append(M("多次尝试的提示没有导入。"))


def with_feedback(explanation: str, feedback: Iterable[tuple[str, str]], remarks: list[Message]) -> str:
    """Return the explanation with what is said of single answers, each line with its label."""
    lines = [f"{label}：{text}" if label else text for label, text in feedback if text]
    if lines:
        remarks.append(M("各个答案的反馈已写进解析。"))
    return "\n".join(filter(None, [explanation, *lines]))


def markup_of(holder: Element | None) -> str:
    """Return the markup of a field. Raises BadQuestion when it is too long or not text."""
    if holder is None:
        return ""
    inner = child(holder, "text")
    found = holder if inner is None else inner
    if inner is not None and len(inner):
        raise BadQuestion(M("文字里的 HTML 标记要写在 CDATA 里。"))
    markup = (found.text or "").strip(" \t\r\n")
    if len(markup) > LONGEST_MARKUP:
        raise BadQuestion(M("文字过长。"))
    return markup


def _marked(tags: Iterable[str], mark: str) -> list[str]:
    return [tag.removeprefix(mark) for tag in tags if tag.startswith(mark)]


def _plain_tag(tag: str) -> str:
    if tag.startswith(marks.TAG):
        return tag.removeprefix(marks.TAG)
    return "" if tag.startswith(marks.OWN) else tag


def _difficulty(tags: Iterable[str]) -> Difficulty:
    words = _marked(tags, marks.DIFFICULTY)
    if not words:
        return Difficulty.MEDIUM
    try:
        return Difficulty(words[0])
    except ValueError as error:
        raise BadQuestion(M("不认识这个难度，可填：易、中、难。")) from error


class _Pictures:
    """The files beside a field."""

    def __init__(self, carried: Carried, holder: Element) -> None:
        self.carried = carried
        self.files = {
            f"{file.get('path', '/').strip('/')}/{file.get('name', '')}".lstrip("/"): file
            for file in children(holder, "file")
        }

    def reference(self, address: str, shows: str) -> str:
        if not address.startswith(marks.PLUGIN_FILE):
            return self.carried.reference_in_address(address, shows)
        name = unquote(address.removeprefix(marks.PLUGIN_FILE).partition("?")[0])
        file = self.files.get(name)
        if file is None or file.get("encoding", "base64") != "base64":
            raise BadQuestion(M("题目引用的图片不在文件里：%(name)s", name=name[:120]))
        return self.carried.reference_in_base64(file.text or "", shows)
