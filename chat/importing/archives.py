"""The export as submitted: a folder, a zip, a tar, or one file. Names in an archive never become paths on disk."""

import os
import shutil
import tarfile
import tempfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Self

from chat.importing.stream import NotAnExport, Notes

# Chat JSON compresses to a tenth or a thirtieth; a large file that compresses further is made to fill a disk.
RATIO_MAX = 200
SMALL = 64 * 1024 * 1024
FILES_MAX = 2_000_000
# Bytes of a tar header that only names the next entry, and is read into memory: a path has 4 KB, attributes 64 KB.
NAMING_MAX = 256 * 1024
_PACKED = (".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar")
_NOT_PLAIN = "its name leads out of the archive"
_NAMING = frozenset(
    {
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    }
)


class Archive(ABC):
    """The files of an export by their path, which uses `/` and is relative to the export."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.sizes: dict[str, int] = {}
        self.root = ""
        # The archive's own name, used as a title if the export has none.
        self.label = ""
        self._made: dict[str, Callable[[], IO[bytes]]] = {}

    def names(self, folder: str = "", suffix: str = "") -> list[str]:
        """The paths in a folder and below, sorted."""
        prefix = f"{folder}/" if folder else ""
        return sorted(name for name in self.sizes if name.startswith(prefix) and name.endswith(suffix))

    def __contains__(self, name: str) -> bool:
        return name in self.sizes

    def size(self, name: str) -> int:
        """The size in bytes that the archive states; 0 for a file from `add`."""
        return self.sizes.get(name, 0)

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file.

        Raises:
            OSError, zipfile.BadZipFile: the archive is damaged here.
        """
        made = self._made.get(name)
        return made() if made else self._open(self.root + name)

    @abstractmethod
    def _open(self, name: str) -> IO[bytes]: ...

    def add(self, name: str, made: Callable[[], IO[bytes]]) -> None:
        """Let `open(name)` return what `made` returns: bytes that are inside other files."""
        self._made[name] = made

    def enter(self, *marks: str) -> None:
        """Make the folder that holds one of the files `marks` the root: exports are often packed with their folder."""
        tops = {
            name[: -len(mark)] for name in self.sizes for mark in marks if name == mark or name.endswith(f"/{mark}")
        }
        if not tops:
            return
        self.root = min(tops, key=lambda top: (top.count("/"), top))
        if self.root:
            self.sizes = {
                name[len(self.root) :]: size for name, size in self.sizes.items() if name.startswith(self.root)
            }

    def _take(self, name: str, size: int, place: str) -> bool:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\x00" in name or ":" in name[:2]:
            self.notes.lose("file", _NOT_PLAIN, place)
            return False
        if path.parts[:1] == ("__MACOSX",) or path.name in {".DS_Store", "Thumbs.db"}:
            return False
        clean = str(path)
        if clean in self.sizes:
            self.notes.lose("file", "the archive holds two of this name; the first was read", place)
            return False
        if len(self.sizes) >= FILES_MAX:
            raise NotAnExport(f"{place}: more than {FILES_MAX} files")
        self.sizes[clean] = size
        return True


class _Folder(Archive):
    def __init__(self, path: Path, notes: Notes) -> None:
        super().__init__(notes)
        self._path = path
        # Links are not followed: they could expose other files on the server.
        for folder, folders, files in os.walk(path, followlinks=False):
            folders[:] = [name for name in folders if not (Path(folder) / name).is_symlink()]
            for name in files:
                file = Path(folder) / name
                if file.is_symlink() or not file.is_file():
                    notes.lose("file", "is a link", str(file))
                    continue
                self._take(file.relative_to(path).as_posix(), file.stat().st_size, str(file))

    def _open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


class _One(Archive):
    def __init__(self, path: Path, notes: Notes) -> None:
        super().__init__(notes)
        self._path = path
        self.sizes = {path.name: path.stat().st_size}

    def _open(self, name: str) -> IO[bytes]:  # noqa: ARG002 -- there is one
        return self._path.open("rb")


class _Zip(Archive):
    def __init__(self, path: Path, notes: Notes) -> None:
        super().__init__(notes)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise NotAnExport(f"{path}: is cut off or no zip archive ({error})") from None
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if info.is_dir():
                continue
            name, place = _zip_name(info), f"{path.name}: {info.filename}"
            if info.flag_bits & 1:
                notes.lose("file", "is encrypted", place)
            elif info.file_size > SMALL and info.file_size > RATIO_MAX * max(info.compress_size, 1):
                notes.lose("file", f"would grow more than {RATIO_MAX} times when unpacked", place)
            elif self._take(name, info.file_size, place):
                self._infos[str(PurePosixPath(name))] = info

    def _open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._infos[name])


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name in UTF-8, whatever the flag says: Slack writes UTF-8 and does not set bit 11."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


class _Header(tarfile.TarInfo):
    """A tar header with a limit on names."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """The library's hook: refuse long names, which the library would read into memory at any size."""
        found = super().frombuf(buf, encoding, errors)
        if found.type in _NAMING and found.size > NAMING_MAX:
            raise NotAnExport(f"a name in the archive has {found.size} bytes")
        return found


class _Tar(Archive):
    """Unpacked once into a temporary folder, with numbers as names: a compressed tar has no random access."""

    def __init__(self, path: Path, notes: Notes, folder: str) -> None:
        super().__init__(notes)
        self._files: dict[str, Path] = {}
        free = shutil.disk_usage(folder).free
        allowed = max(SMALL, min(free - SMALL, RATIO_MAX * path.stat().st_size))
        try:
            with tarfile.open(path, tarinfo=_Header) as tar:
                for number, member in enumerate(iter(tar.next, None)):
                    # The library would keep all members in memory, including folders and links.
                    tar.members.clear()  # type: ignore[attr-defined]  # typeshed does not have it
                    if number >= FILES_MAX:
                        raise NotAnExport(f"{path}: more than {FILES_MAX} files")
                    if member.size < 0:
                        raise NotAnExport(f"{path}: {member.name[:100]}: has a size below 0")
                    if not member.isreg():
                        continue
                    allowed -= member.size
                    if allowed < 0:
                        raise NotAnExport(f"{path}: {member.name}: unpacked it needs more space than there is")
                    source = tar.extractfile(member)
                    if source and self._take(member.name, member.size, f"{path.name}: {member.name}"):
                        target = Path(folder) / str(number)
                        # Set before writing: if the archive is cut off here, the beginning of the file is still read.
                        self._files[str(PurePosixPath(member.name))] = target
                        with target.open("wb") as out:
                            shutil.copyfileobj(source, out)
        except (tarfile.TarError, EOFError, OSError) as error:
            if not self._files:
                raise NotAnExport(f"{path}: is no archive that can be read ({error})") from None
            notes.lose("file", "the archive is cut off: what follows is missing", f"{path.name}: {error}")

    def _open(self, name: str) -> IO[bytes]:
        return self._files[name].open("rb")


@contextmanager
def opened(path: str | Path, notes: Notes) -> Iterator[Archive]:
    """The archive at `path`.

    Raises:
        NotAnExport: there is nothing at this path, it is damaged, or it holds nothing but other archives.
    """
    with _opened(Path(path), notes) as archive:
        packed = [name for name in archive.names() if name.lower().endswith(_PACKED)]
        if packed and len(packed) == len(archive.sizes) and not isinstance(archive, _One):
            raise NotAnExport(f"{path}: holds another archive, {packed[0]}; unpack it and hand that in")
        yield archive


@contextmanager
def _opened(path: Path, notes: Notes) -> Iterator[Archive]:
    if path.is_dir():
        yield _Folder(path, notes)
        return
    if not path.is_file():
        raise NotAnExport(f"{path}: there is no such file or folder")
    with path.open("rb") as file:
        head = file.read(512)
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        yield _Zip(path, notes)
    elif head[:3] in {b"\x1f\x8b\x08", b"BZh"} or head[:6] == b"\xfd7zXZ\x00" or head[257:262] == b"ustar":
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            yield _Tar(path, notes, folder)
    else:
        yield _One(path, notes)
