"""Items and packages of QTI made by hand, as short as a test wants them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.qti.reading import read
from quizapp.bank.questions import TRUE_FALSE_OPTIONS, Blank, QuestionContent, QuestionType
from tests.bank.strategies import PICTURES

SAMPLES = Path(__file__).parent / "samples"
CHOICE = (SAMPLES / "qti_choice.xml").read_bytes()
ENTRIES = (SAMPLES / "qti_entries.xml").read_bytes()
PICTURE = next(iter(PICTURES.values()))
QUESTION = QuestionContent(type=QuestionType.SINGLE, stem="问？", options=("甲", "乙"), key=(0,))
CASE = QuestionContent(
    type=QuestionType.CASE,
    stem="某厂起火。",
    parts=(
        QuestionContent(type=QuestionType.TRUE_FALSE, stem="先断电。", options=TRUE_FALSE_OPTIONS, key=(0,)),
        QuestionContent(type=QuestionType.FILL_IN, stem="拨打____报警。", blanks=(Blank(("119",)),)),
    ),
)

MANIFEST = """<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><organizations/><resources>
<resource identifier="r" type="{type}" href="{href}">{metadata}<file href="{href}"/></resource></resources></manifest>"""


def zipped(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def package(item: bytes, *, metadata: str = "", **others: bytes) -> bytes:
    manifest = MANIFEST.format(type="imsqti_item_xmlv2p1", href="items/one.xml", metadata=metadata).encode()
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in others.items()}
    return zipped({"imsmanifest.xml": manifest, "items/one.xml": item, **named})


def item(body: str, declared: str = "", scoring: str = "", after: str = "", **attributes: str) -> bytes:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i" title="t"{more}>'
        f"{declared}<itemBody>{body}</itemBody>{scoring}{after}</assessmentItem>"
    ).encode()


def declared(
    right: str, *, cardinality: str = "single", base: str = "identifier", name: str = "RESPONSE"
) -> str:
    return (
        f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{base}">{right}'
        "</responseDeclaration>"
    )


def correct(*values: str) -> str:
    return f"<correctResponse>{''.join(f'<value>{value}</value>' for value in values)}</correctResponse>"


def mapping(bounds: str = "", **values: str) -> str:
    entries = "".join(f'<mapEntry mapKey="{key}" mappedValue="{value}"/>' for key, value in values.items())
    return f'<mapping defaultValue="0" {bounds}>{entries}</mapping>'


def choices(prompt: str = "", name: str = "RESPONSE") -> str:
    return (
        f'<choiceInteraction responseIdentifier="{name}" maxChoices="0">{prompt}<simpleChoice identifier="A">甲'
        '</simpleChoice><simpleChoice identifier="B">乙</simpleChoice><simpleChoice identifier="C">丙</simpleChoice>'
        "</choiceInteraction>"
    )


ENTRY = '<p>问<textEntryInteraction responseIdentifier="RESPONSE"/></p>'
TEMPLATE = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}"/>'
MAPPED = TEMPLATE.format("map_response")


def rule(condition: str, worth: str = '<baseValue baseType="float">1</baseValue>') -> str:
    return (
        f"<responseProcessing><responseCondition><responseIf>{condition}"
        f'<setOutcomeValue identifier="SCORE">{worth}</setOutcomeValue></responseIf></responseCondition>'
        "</responseProcessing>"
    )


def near(attributes: str, right: str = '<correct identifier="RESPONSE"/>') -> str:
    return rule(f'<equal {attributes}><variable identifier="RESPONSE"/>{right}</equal>')


def only(parsed: ParsedBank) -> QuestionContent:
    assert parsed.refused == ()
    (question,) = parsed.questions
    return question.content


def reason(content: bytes) -> str:
    parsed = read(content)
    assert parsed.questions == ()
    (problem,) = parsed.refused
    return str(problem.reason)


ONE = declared(correct("A"))
TEXT = declared(correct("甲"), base="string")
NUMBER = declared(correct("5"), base="float")
