"""Questions as a package of QTI: the manifest, an item each, the pictures. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

from quizapp.bank.formats.carried import texts_of
from quizapp.bank.formats.qti import names
from quizapp.bank.formats.qti.names import V21, V22, XSI, Version
from quizapp.bank.formats.qti.writing import ItemWriter, interactions_of, picture_name, title_of
from quizapp.bank.formats.xmltree import escaped, quoted
from quizapp.bank.questions import Difficulty, QuestionContent, QuestionType
from quizapp.files.pictures import Picture
from quizapp.files.references import digests_in

#: The same questions give the same bytes.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_LEVELS = {Difficulty.EASY: "easy", Difficulty.MEDIUM: "medium", Difficulty.HARD: "difficult"}


def write_21(questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as a package of QTI 2.1; the pictures by digest."""
    return _package(V21, questions, pictures)


def write_22(questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as a package of QTI 2.2; the pictures by digest."""
    return _package(V22, questions, pictures)


def _package(
    version: Version, questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]
) -> bytes:
    file = io.BytesIO()
    resources: list[str] = []
    shown: dict[str, Picture] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, question in enumerate(questions, start=1):
            identifier = f"item-{number:06d}"
            name = f"items/{identifier}.xml"
            _add(archive, name, ItemWriter(version, pictures).item(question, identifier).encode())
            used = {
                digest: pictures[digest] for digest in sorted(digests_in(texts_of(question)) & set(pictures))
            }
            shown |= used
            resources.append(
                _resource(version, question, identifier, [name, *map(picture_name, used.values())])
            )
        for picture in shown.values():
            _add(archive, picture_name(picture), picture.content)
        _add(archive, names.MANIFEST, _manifest(version, resources).encode())
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    archive.writestr(member, content)


def _manifest(version: Version, resources: Iterable[str]) -> str:
    metadata = f"http://www.imsglobal.org/xsd/imsqti_metadata_{version.short}"
    schema = f"http://www.imsglobal.org/xsd/qti/qti{version.short}/imsqti_metadata_{version.short}.xsd"
    locations = [names.PACKAGING, version.packaging_schema, names.LOM, names.LOM_SCHEMA, metadata, schema]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest xmlns="{names.PACKAGING}" xmlns:lom="{names.LOM}" xmlns:qti="{metadata}"'
        f' xmlns:xsi="{XSI}" xsi:schemaLocation="{" ".join(locations)}" identifier="quizapp-bank">\n'
        f"<metadata><schema>QTIv{version.number} Package</schema>"
        "<schemaversion>1.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{''.join(resources)}\n</resources>\n</manifest>\n"
    )


def _resource(version: Version, question: QuestionContent, identifier: str, files: list[str]) -> str:
    held = "".join(f'<file href="{name}"/>' for name in files)
    return (
        f'<resource identifier="{identifier}" type="{version.resource}" href="{files[0]}">'
        f"<metadata>{_about_item(question)}{_lom(question)}</metadata>{held}</resource>\n"
    )


def _about_item(question: QuestionContent) -> str:
    composite = str(question.type is QuestionType.CASE).lower()
    kinds = "".join(
        f"<qti:interactionType>{kind}</qti:interactionType>" for kind in interactions_of(question)
    )
    return (
        f"<qti:qtiMetadata><qti:timeDependent>false</qti:timeDependent><qti:composite>{composite}</qti:composite>"
        f"{kinds}<qti:feedbackType>nonadaptive</qti:feedbackType>"
        "<qti:solutionAvailable>true</qti:solutionAvailable></qti:qtiMetadata>"
    )


def _lom(question: QuestionContent) -> str:
    code = ""
    if question.code:
        entry = f"<lom:entry>{escaped(question.code)}</lom:entry>"
        code = f"<lom:identifier><lom:catalog>{names.CATALOG}</lom:catalog>{entry}</lom:identifier>"
    keywords = "".join(f"<lom:keyword>{_string(tag)}</lom:keyword>" for tag in question.tags)
    title = f"<lom:title>{_string(title_of(question))}</lom:title>"
    level = _vocabulary("difficulty", _LEVELS[question.difficulty])
    return (
        f"<lom:lom><lom:general>{code}{title}{keywords}</lom:general>"
        f"<lom:educational>{level}</lom:educational>{_source(question)}{_roles(question)}</lom:lom>"
    )


def _source(question: QuestionContent) -> str:
    if not question.source:
        return ""
    described = f"<lom:description>{_string(question.source)}</lom:description>"
    kind = _vocabulary("kind", "isbasedon")
    return f"<lom:relation>{kind}<lom:resource>{described}</lom:resource></lom:relation>"


def _roles(question: QuestionContent) -> str:
    if not question.roles:
        return ""
    purpose = _vocabulary("purpose", "competency")
    path = f"<lom:taxonPath><lom:source>{_string(names.ROLES_TAXONOMY)}</lom:source>"
    paths = "".join(
        f"{path}<lom:taxon><lom:id>{escaped(role)}</lom:id></lom:taxon></lom:taxonPath>"
        for role in question.roles
    )
    return f"<lom:classification>{purpose}{paths}</lom:classification>"


def _vocabulary(name: str, value: str) -> str:
    source, word = "<lom:source>LOMv1.0</lom:source>", f"<lom:value>{value}</lom:value>"
    return f"<lom:{name}>{source}{word}</lom:{name}>"


def _string(text: str) -> str:
    return f"<lom:string language={quoted('zh-CN')}>{escaped(text)}</lom:string>"
