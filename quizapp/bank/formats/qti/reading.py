"""IMS QTI 2.1 and 2.2 in, a package or one item. What is carried where: `quizapp.bank.formats.qti.names`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from quizapp.bank.formats.archive import Archive
from quizapp.bank.formats.carried import Carried
from quizapp.bank.formats.checking import BadQuestion, check_question
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.formats.qti import names
from quizapp.bank.formats.qti.items import Item
from quizapp.bank.formats.qti.manifest import resolved, resources
from quizapp.bank.formats.qti.passages import Passage
from quizapp.bank.formats.xmltree import child, children, local, parse_xml
from quizapp.imports.limits import MOST_ROWS, ZIP_MAGIC
from quizapp.imports.tables import Problem, UnreadableFile
from quizapp.messages import M, Message

_ITEM = re.compile(rb"<(?:[\w.-]+:)?assessmentItem[\s>]")


def recognises(content: bytes) -> bool:
    """Say whether a file looks like a package or an item of QTI."""
    if content.startswith(ZIP_MAGIC):
        return names.MANIFEST.encode() in content
    return _ITEM.search(content[:4096].replace(b"\0", b"")) is not None


def read(content: bytes, filename: str = "") -> ParsedBank:
    """Return the questions of a package or an item. Raises UnreadableFile."""
    reader = _Reader()
    if content.startswith(ZIP_MAGIC):
        reader.archive = Archive(content)
        reader.take_package(reader.archive)
    else:
        reader.take_item(1, filename, parse_xml(content), {})
        if reader.refused and not _ITEM.search(content):
            raise UnreadableFile(M("这个 XML 文件不是 QTI 2.1 或 2.2 的题目（assessmentItem）。"))
    return reader.bank()


@dataclass(slots=True)
class _Reader:
    archive: Archive | None = None
    carried: Carried = field(default_factory=Carried)
    questions: list[ParsedQuestion] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    repaired: list[Problem] = field(default_factory=list)

    def take_package(self, archive: Archive) -> None:
        if names.MANIFEST not in archive:
            raise UnreadableFile(M("压缩包的最外层没有 imsmanifest.xml，不是 QTI 内容包。"))
        for number, resource in enumerate(resources(parse_xml(archive.read(names.MANIFEST))), start=1):
            if number > MOST_ROWS:
                raise UnreadableFile(
                    M("题目太多，一个文件最多 %(most)s 题，请拆分后再上传。", most=MOST_ROWS)
                )
            if resource.name not in archive:
                self._refuse(number, resource.name, M("清单里的题目文件不在压缩包里。"))
                continue
            try:
                element = parse_xml(archive.read(resource.name))
            except UnreadableFile as error:
                self._refuse(number, resource.name, error.message)
            else:
                self.take_item(number, resource.name, element, resource.details)

    def take_item(self, number: int, name: str, element: Element, details: dict[str, Any]) -> None:
        try:
            item = Item(element, _Pictures(self, name).reference, details, self._material(element, name))
            content = item.content()
            check_question(content)
        except BadQuestion as error:
            self._refuse(number, name, error.message, element.get("title", ""))
        else:
            self.questions.append(ParsedQuestion(name[:120], number, content))
            for remark in item.remarks:
                self.repaired.append(Problem(reason=remark, sheet=name[:120], row=number))

    def _material(self, element: Element, beside: str) -> str:
        """Return the shared text that an item of QTI 2.2 is on."""
        texts = [self._stimulus(one.get("href", ""), beside) for one in _few_stimuli(element)]
        return "\n".join(texts)

    def _stimulus(self, address: str, beside: str) -> str:
        name = resolved(address, beside)
        if self.archive is None or name not in self.archive:
            raise BadQuestion(M("题目用到的共用材料不在文件里：%(name)s", name=address[:120]))
        try:
            root = parse_xml(self.archive.read(name))
        except UnreadableFile as error:
            raise BadQuestion(error.message) from error
        body = child(root, "stimulusBody")
        if local(root) != "assessmentStimulus" or body is None:
            raise BadQuestion(M("题目用到的共用材料不在文件里：%(name)s", name=address[:120]))
        passage = Passage(body, _Pictures(self, name).reference)
        if passage.choices or passage.entries or not passage.text:
            raise BadQuestion(M("分不清案例题的材料和小题，不能导入。"))
        return passage.text

    def _refuse(self, number: int, name: str, reason: Message, value: str = "") -> None:
        self.refused.append(Problem(reason=reason, sheet=name[:120], row=number, value=value[:120]))

    def bank(self) -> ParsedBank:
        pictures = self.carried.shown_in(question.content for question in self.questions)
        return ParsedBank(tuple(self.questions), tuple(self.refused), tuple(self.repaired), pictures)


def _few_stimuli(element: Element) -> Iterator[Element]:
    for count, one in enumerate(children(element, "assessmentStimulusRef")):
        if count > 1:
            raise BadQuestion(M("题目的共用材料太多。"))
        yield one


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The pictures beside one file of the package."""

    reader: _Reader
    beside: str

    def reference(self, address: str, shows: str) -> str:
        archive = self.reader.archive
        name = resolved(address, self.beside)
        if archive is not None and name and name in archive:
            try:
                content = archive.read(name)
            except UnreadableFile as error:
                raise BadQuestion(error.message) from error
            return self.reader.carried.reference(content, shows)
        return self.reader.carried.reference_in_address(address, shows)
