"""Pictures in an .xlsx file, by the cell that they stand on. Runs in a child process, like all reading.

Follows ISO/IEC 29500-1: relationships (part 2, 6.5), spreadsheet drawings (20.5). Beside pictures that float
over cells there are two kinds that fill one: Excel's “place in cell” ([MS-XLSX] rich values, `vm` at the
cell) and WPS's `DISPIMG("ID_…",1)` with the part xl/cellimages.xml. A target outside the file is never
followed; nothing is written to disk.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from quizapp.imports.tables import CellPicture, UnreadableFile
from quizapp.messages import M

Place = tuple[int, int]
Pictures = dict[Place, tuple[CellPicture, ...]]

WORKBOOK, CELL_IMAGES, RICH_VALUES = "xl/workbook.xml", "xl/cellimages.xml", "xl/richData/richValueRel.xml"
RICH_DATA, RICH_SHAPES = "xl/richData/rdrichvalue.xml", "xl/richData/rdrichvaluestructure.xml"
METADATA = "xl/metadata.xml"
_DISPIMG = re.compile(r'DISPIMG\(\s*"([^"]{1,100})"')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ANCHORS = {"oneCellAnchor", "twoCellAnchor"}


def pictures_in(content: bytes) -> dict[str, Pictures]:
    """Return the pictures of each sheet. Raises UnreadableFile when the parts that say so are broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Package(archive).pictures()
    except (
        zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError, OSError, RuntimeError,
        NotImplementedError, EOFError, zlib.error,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            M("工作簿里的图片读不出来。请在 Excel 或 WPS 中打开确认后另存，再上传。")
        ) from error


class _Package:
    """The parts of a workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        self.media: dict[str, bytes] = {}

    def pictures(self) -> dict[str, Pictures]:
        """Return the pictures of every sheet by its name."""
        if not any(name.startswith("xl/media/") for name in self.names):
            return {}
        placed, rich = self._cell_images(), self._rich_images()
        found = {}
        for name, part in self._sheets():
            pictures: dict[Place, list[CellPicture]] = defaultdict(list)
            for place, picture in self._floating(part):
                pictures[place].append(picture)
            if placed or rich:
                for place, picture in self._filling(part, placed, rich):
                    pictures[place].append(picture)
            found[name] = {place: tuple(many) for place, many in pictures.items()}
        return found

    def _sheets(self) -> Iterator[tuple[str, str]]:
        parts = self._related(WORKBOOK)
        for sheet in _all(self._xml(WORKBOOK), "sheet"):
            part = parts.get(_attribute(sheet, "id"))
            if part in self.names:
                yield sheet.get("name", ""), str(part)

    def _floating(self, sheet: str) -> Iterator[tuple[Place, CellPicture]]:
        for part in self._related(sheet, "/drawing").values():
            if part not in self.names:
                continue
            media = self._related(part)
            for anchor in self._xml(part):
                start = next(_all(anchor, "from"), None)
                if _local(anchor) not in _ANCHORS or start is None:
                    continue
                place = _number(start, "row") + 1, _number(start, "col") + 1
                for picture in _all(anchor, "pic"):
                    made = self._picture(picture, media)
                    if made is not None:
                        yield place, made

    def _picture(
        self, picture: Element, media: Mapping[str, str], *, fills_cell: bool = False
    ) -> CellPicture | None:
        blip, about = next(_all(picture, "blip"), None), next(_all(picture, "cNvPr"), None)
        part = media.get(_attribute(blip, "embed")) if blip is not None else None
        if part not in self.names:
            return None
        description = about.get("descr", "") if about is not None else ""
        return CellPicture(self._bytes(str(part)), description, fills_cell)

    def _cell_images(self) -> dict[str, CellPicture]:
        """Return WPS's pictures in cells by the identity that formulas name."""
        if CELL_IMAGES not in self.names:
            return {}
        media, found = self._related(CELL_IMAGES), {}
        for picture in _all(self._xml(CELL_IMAGES), "pic"):
            about = next(_all(picture, "cNvPr"), None)
            made = self._picture(picture, media, fills_cell=True)
            if about is not None and made is not None:
                # WPS writes the name of the file that it came from as description.
                found[about.get("name", "")] = CellPicture(made.content, "", fills_cell=True)
        return found

    def _rich_images(self) -> dict[str, CellPicture]:
        """Return Excel's pictures in cells by the number that stands as `vm` at the cell, from 1."""
        needed = {RICH_VALUES, RICH_DATA, RICH_SHAPES, METADATA}
        if not needed <= self.names:
            return {}
        values = self._rich_values()
        metadata = self._xml(METADATA)
        future = [int(one.get("i", "-1")) for one in _all(metadata, "rvb")]
        found = {}
        listed = next(_all(metadata, "valueMetadata"), None)
        for number, record in enumerate(_all(listed, "rc") if listed is not None else (), start=1):
            place = int(record.get("v", "-1"))
            value = future[place] if 0 <= place < len(future) else -1
            picture = values[value] if 0 <= value < len(values) else None
            if picture is not None:
                found[str(number)] = picture
        return found

    def _rich_values(self) -> list[CellPicture | None]:
        """Return what each rich value shows; None for those that are no pictures."""
        shapes = [
            [key.get("n", "") for key in _all(shape, "k")] if shape.get("t") == "_localImage" else None
            for shape in _all(self._xml(RICH_SHAPES), "s")
        ]
        parts = self._related(RICH_VALUES)
        links = [parts.get(_attribute(one, "id"), "") for one in _all(self._xml(RICH_VALUES), "rel")]
        return [self._rich_value(value, shapes, links) for value in _all(self._xml(RICH_DATA), "rv")]

    def _rich_value(
        self, value: Element, shapes: Sequence[list[str] | None], links: Sequence[str]
    ) -> CellPicture | None:
        shape = int(value.get("s", "-1"))
        keys = shapes[shape] if 0 <= shape < len(shapes) else None
        if keys is None:
            return None
        said = dict(zip(keys, (one.text or "" for one in _all(value, "v")), strict=False))
        place = int(said.get("_rvRel:LocalImageIdentifier", "-1"))
        part = links[place] if 0 <= place < len(links) else ""
        if part not in self.names:
            return None
        return CellPicture(self._bytes(part), said.get("Text", ""), fills_cell=True)

    def _filling(
        self, sheet: str, placed: Mapping[str, CellPicture], rich: Mapping[str, CellPicture]
    ) -> Iterator[tuple[Place, CellPicture]]:
        with self.archive.open(sheet) as stream:
            for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
                if _local(element) == "c":
                    picture = rich.get(element.get("vm", "")) or _formula_picture(element, placed)
                    place = _place(element.get("r", ""))
                    if picture is not None and place is not None:
                        yield place, picture
                elif _local(element) == "row":
                    element.clear()

    def _related(self, part: str, ending: str = "") -> dict[str, str]:
        """Return the parts inside the file that a part refers to, by the reference's id."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed not in self.names:
            return {}
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip(
                "/"
            )
            for one in _all(self._xml(listed), "Relationship")
            if one.get("TargetMode") != "External" and one.get("Type", "").endswith(ending)
        }

    def _xml(self, part: str) -> Element:
        found: Element = fromstring(self.archive.read(part), forbid_dtd=True)
        return found

    def _bytes(self, part: str) -> bytes:
        """The same picture may stand on many cells: it is unpacked once."""
        if part not in self.media:
            self.media[part] = self.archive.read(part)
        return self.media[part]


def _formula_picture(cell: Element, placed: Mapping[str, CellPicture]) -> CellPicture | None:
    for child in cell:
        match = _DISPIMG.search(child.text or "") if _local(child) in {"f", "v"} else None
        if match:
            return placed.get(match[1])
    return None


def _place(reference: str) -> Place | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _all(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.iter() if _local(one) == name)


def _local(element: Any) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _attribute(element: Element, name: str) -> str:
    """Return an attribute whatever its namespace; `r:id` and `r:embed` have several."""
    found: Iterable[str] = (
        value for key, value in element.items() if key.rsplit("}", 1)[-1] == name and "}" in key
    )
    return next(iter(found), "")


def _number(element: Element, name: str) -> int:
    found = next(_all(element, name), None)
    return int(found.text or "") if found is not None else 0
