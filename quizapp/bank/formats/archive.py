"""A stranger's .zip: looked over before anything is unpacked, and only ever unpacked into memory. Pure."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib

from quizapp.imports.limits import MOST_RATIO, MOST_UNPACKED_BYTES, RATIO_MATTERS_FROM, ZIP_MAGIC
from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M

MOST_FILES = 50_000
#: The manifest of twenty thousand items has half of it.
LARGEST_FILE = 64 * 1024 * 1024
_BAD_NAME = re.compile(r"(^|/)\.\.?(/|$)|^/|//|\\|[\x00-\x1f]|^[A-Za-z]:")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_IS_ENCRYPTED = 1
_ARCHIVES = (".zip", ".jar", ".7z", ".rar", ".gz", ".tar")


class Archive:
    """The files of a .zip by name."""

    def __init__(self, content: bytes) -> None:
        """Look the whole directory over. Raises UnreadableFile."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, zlib.error) as error:
            raise _damaged() from error
        _check_extent(members, len(content))
        seen: set[str] = set()
        for member in members:
            _check_member(member)
            folded = member.filename.rstrip("/").casefold()
            if folded in seen:
                raise UnreadableFile(M("压缩包里有重名的文件：%(name)s", name=member.filename[:120]))
            seen.add(folded)
        self._members = {member.filename: member for member in members if not member.is_dir()}
        self._check_contents()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises UnreadableFile."""
        return self._read(name, LARGEST_FILE)

    def _read(self, name: str, most: int) -> bytes:
        try:
            with self._zip.open(self._members[name]) as file:
                return file.read(most)
        except (
            zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
        ) as error:  # fmt: skip
            raise _damaged() from error

    def _check_contents(self) -> None:
        """A .zip inside goes by any name."""
        for name in self._members:
            if name.lower().endswith(_ARCHIVES) or self._read(name, len(ZIP_MAGIC)) == ZIP_MAGIC:
                raise UnreadableFile(M("压缩包里又有压缩包，不读取：%(name)s", name=name[:120]))


def _check_extent(members: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(member.file_size for member in members)
    too_dense = unpacked > RATIO_MATTERS_FROM and unpacked > MOST_RATIO * size
    too_big = any(member.file_size > LARGEST_FILE for member in members)
    if len(members) > MOST_FILES or unpacked > MOST_UNPACKED_BYTES or too_dense or too_big:
        raise UnreadableFile(M("压缩包展开后过大，已拒绝。请拆分后再上传。"))


def _check_member(member: zipfile.ZipInfo) -> None:
    # `orig_filename` is the name before the library made it harmless.
    if _BAD_NAME.search(member.orig_filename) or not member.filename:
        raise UnreadableFile(M("压缩包里有不安全的文件名：%(name)s", name=ascii(member.orig_filename)[:120]))
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise UnreadableFile(M("压缩包里有链接或特殊文件：%(name)s", name=member.filename[:120]))
    if member.flag_bits & _IS_ENCRYPTED or member.compress_type not in _METHODS:
        raise UnreadableFile(M("压缩包加了密码或用了少见的压缩方法，请重新打包后再上传。"))


def _damaged() -> UnreadableFile:
    return UnreadableFile(M("压缩包已损坏，打不开。请重新导出后再上传。"))
