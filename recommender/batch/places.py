"""Where a table lies: a file, a folder of files, a glob, or a URL that fsspec can open."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from recommender.errors import Fault, InputError
from recommender.table_file import TABLE_SUFFIXES, suffix_of

REMOTE = "://"
WILD = ("*", "?", "[")
# Spark, Hadoop and this command leave such files beside the tables: they are no tables.
NO_TABLE = (".", "_")


@dataclass(frozen=True, slots=True)
class Place:
    """One file of a table: `url` is a path or what fsspec opens; `name` is what it is called in messages."""

    url: str
    name: str

    @property
    def suffix(self) -> str:
        """The suffix that says the form. Raises InputError for one that says nothing here."""
        return suffix_of(Path(self.name))

    def open(self) -> IO[bytes]:
        """The bytes of the file, from the start; it can be told to go elsewhere."""
        if REMOTE in self.url:
            return cast(IO[bytes], remote_files(self.url).open(self.url, "rb"))
        return Path(self.url).open("rb")

    def part(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        with closing(self.open()) as stream:
            stream.seek(start)
            return stream.read(stop - start)

    def state(self) -> tuple[object, ...]:
        """What changes when somebody writes to the file: its size and time, or what the store says of it."""
        if REMOTE in self.url:
            told = remote_files(self.url).info(self.url)
            return tuple(str(told.get(key)) for key in ("size", "mtime", "ETag", "etag", "LastModified", "updated"))
        told = Path(self.url).stat()
        return told.st_size, told.st_mtime_ns, told.st_ino


def find_tables(source: str) -> tuple[Place, ...]:
    """The files of a table, in the order of their paths. Raises InputError where there is none."""
    places = remote_tables(source) if REMOTE in source else local_tables(source)
    if not places:
        raise InputError(Fault(NOTHING, file=last_name(source), allowed=", ".join(TABLE_SUFFIXES)))
    return places


NOTHING = "holds no table"


def local_tables(source: str) -> tuple[Place, ...]:
    path = Path(source)
    if path.is_dir():
        return named(source, (str(found) for found in path.rglob("*") if found.is_file()))
    if any(sign in source for sign in WILD) and not path.exists():
        return named(str(path.parent), (found for found in glob.glob(source, recursive=True) if Path(found).is_file()))
    if not path.is_file():
        raise InputError(Fault("there is no such file", file=path.name))
    suffix_of(path)
    return (Place(source, path.name),)


def named(top: str, paths: Iterable[str]) -> tuple[Place, ...]:
    """The tables among some paths, in order, each called by its path below `top`."""
    kept = sorted(path for path in paths if is_table(PurePosixPath(path.removeprefix(top).lstrip("/"))))
    return tuple(Place(path, path.removeprefix(top).lstrip("/") or last_name(path)) for path in kept)


def is_table(path: PurePosixPath) -> bool:
    hidden = any(part.startswith(NO_TABLE) for part in path.parts)
    return not hidden and path.name.lower().endswith(tuple(TABLE_SUFFIXES))


def remote_tables(source: str) -> tuple[Place, ...]:
    """The tables that a URL stands for, each as a URL again."""
    files = remote_files(source)
    try:
        bare = files._strip_protocol(source)
        if any(sign in source for sign in WILD):
            found: Sequence[str] = files.glob(bare)
        else:
            found = files.find(bare) if files.isdir(bare) else [bare] if files.exists(bare) else []
    except (OSError, ValueError) as error:
        raise InputError(Fault(f"cannot be looked at: {type(error).__name__}", file=last_name(source))) from None
    top = bare.rstrip("/") if len(found) > 1 or bare not in found else bare.rpartition("/")[0]
    return tuple(Place(files.unstrip_protocol(place.url), place.name) for place in named(top, found))


def remote_files(url: str) -> Any:
    """The file system of a URL. Raises InputError where fsspec or the store's own package is not installed."""
    kind = url.partition(REMOTE)[0]
    try:
        import fsspec

        return fsspec.filesystem(kind)
    except ImportError:
        remedy = "Install what reads it, such as `pip install fsspec s3fs` (s3://) or `fsspec gcsfs` (gs://)."
        raise InputError(Fault(f"{kind}:// cannot be read here", file=last_name(url), remedy=remedy)) from None
    except ValueError:
        raise InputError(Fault("no place of this kind is known", file=last_name(url), given=f"{kind}://")) from None


def last_name(source: str) -> str:
    return source.rstrip("/").rpartition("/")[2] or source
