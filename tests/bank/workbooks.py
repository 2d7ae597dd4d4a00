"""Workbooks made by hand, following the formats' public documents, where no library of ours writes them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import xlsxwriter

END_OF_CHAIN, FAT_SECTOR, FREE, SECTOR = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF, 512


def xlsx(*rows: Sequence[object], sheet: str = "题目") -> bytes:
    """An .xlsx file with one sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return file.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A packed file with some of its members added or replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member not in parts:
                new.writestr(member, old.read(member))
        for name, part in parts.items():
            new.writestr(name, part)
    return file.getvalue()


def ods(*rows: Sequence[str], sheet: str = "题目", attributes: str = "", manifest: str = "") -> bytes:
    """An .ods file with one sheet (OpenDocument 1.2, part 1)."""
    table = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"{attributes}><text:p>{escape(cell)}</text:p></table:table-cell>'
            if cell
            else "<table:table-cell/>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{sheet}">{table}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    listed = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{names}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{manifest}'
        "</manifest:file-entry></manifest:manifest>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", document)
        archive.writestr("META-INF/manifest.xml", listed)
    return file.getvalue()


def xls(*rows: Sequence[str], sheet: str = "题目", extra: bytes = b"") -> bytes:
    """An .xls file with one sheet of texts ([MS-XLS] 2.1; `extra` are records of the globals)."""
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    globals_ = begin + extra + _record(0x0042, struct.pack("<H", 1200))
    bound = len(globals_) + 4 + 8 + 2 * len(sheet) + 4
    globals_ += _record(
        0x0085, struct.pack("<IBBBB", bound, 0, 0, len(sheet), 1) + sheet.encode("utf-16-le")
    ) + _record(0x000A, b"")
    page = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    width = max(map(len, rows))
    page += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            label = struct.pack("<HHHHB", number, column, 0, len(cell), 1) + cell.encode("utf-16-le")
            page += _record(0x0204, label)
    return ole({"Workbook": globals_ + page + _record(0x000A, b"")})


def _record(number: int, body: bytes) -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file with these streams ([MS-CFB] 2.2 to 2.6): one sector of table, directory, then the streams."""
    table, body = [FAT_SECTOR, END_OF_CHAIN], b""
    entries = [_entry("Root Entry", 5, END_OF_CHAIN, 0, child=1)]
    for number, (name, stream) in enumerate(streams.items(), start=1):
        padded = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
        first, sectors = len(table), len(padded) // SECTOR
        table += [*range(first + 1, first + sectors), END_OF_CHAIN]
        body += padded
        following = number + 1 if number < len(streams) else FREE
        entries.append(_entry(name, 2, first, len(padded), right=following))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    table += [FREE] * (SECTOR // 4 - len(table))
    return header + struct.pack(f"<{len(table)}I", *table) + b"".join(entries).ljust(SECTOR, b"\0") + body


def _entry(name: str, kind: int, first: int, size: int, *, child: int = FREE, right: int = FREE) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, FREE, right, child)
        + bytes(16 + 4 + 8 + 8)
        + struct.pack("<IQ", first, size)
    )
