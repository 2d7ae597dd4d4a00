"""The body of an item of QTI as plain text, cut where something is to be answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.flow import Flow, Picture
from quizapp.bank.formats.qti import names
from quizapp.bank.formats.xmltree import local
from quizapp.bank.questions import BLANK, MOST_BLANKS, MOST_PARTS
from quizapp.messages import M

CHOICE, ENTRY = "choiceInteraction", "textEntryInteraction"
_FEEDBACK = frozenset({"feedbackInline", "feedbackBlock"})
_TEMPLATES = frozenset({"templateInline", "templateBlock", "printedVariable"})


class Passage:
    """A piece of a body: `texts` before, between and after its choices; entries stand as blanks in them."""

    def __init__(self, element: Element, picture: Picture) -> None:
        """Read what an element holds. Raises BadQuestion."""
        self.picture = picture
        self.texts: list[str] = []
        self.choices: list[Element] = []
        self.entries: list[Element] = []
        #: What is said about the answer: feedback and rubrics for those who score.
        self.asides: list[str] = []
        self._flow = Flow(picture)
        self._inside(element)
        self.texts.append(self._flow.text())

    @property
    def text(self) -> str:
        """Return the whole text, one piece a line."""
        return "\n".join(filter(None, self.texts))

    def _inside(self, element: Element) -> None:
        self._flow.data(element.text or "")
        for held in element:
            self._take(held)
            self._flow.data(held.tail or "")

    def _take(self, element: Element) -> None:
        name = local(element)
        if name.endswith("Interaction"):
            self._interaction(name, element)
        elif name in _TEMPLATES:
            raise BadQuestion(M("题目里有随机变量（模板），不能导入。"))
        elif name in _FEEDBACK or (
            name == "rubricBlock" and "candidate" not in element.get("view", "").split()
        ):
            said = Passage(element, self.picture)
            if said.choices or said.entries:
                raise BadQuestion(M("反馈里有作答区，不能导入。"))
            self.asides.append(said.text)
        elif name == "include":
            raise BadQuestion(M("题目引用了文件之外的内容，不能导入。"))
        else:
            self._flow.start(name.lower(), _plain(element.attrib))
            self._inside(element)
            self._flow.end(name.lower())

    def _interaction(self, name: str, element: Element) -> None:
        if name == CHOICE and len(self.choices) < MOST_PARTS:
            self.choices.append(element)
            self.texts.append(self._flow.text())
            self._flow = Flow(self.picture)
        elif name == ENTRY and len(self.entries) < MOST_BLANKS * MOST_PARTS:
            self.entries.append(element)
            self._flow.literal(BLANK)
        elif name in {CHOICE, ENTRY}:
            raise BadQuestion(M("一道题里的作答区太多。"))
        else:
            what = names.UNUSABLE.get(name)
            raise BadQuestion(M("本系统没有这种题型：%(kind)s", kind=[what] if what else name[:40]))


def _plain(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name.rpartition("}")[2]: value for name, value in attributes.items()}
