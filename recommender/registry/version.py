"""One version of a model in its folder: written whole or not at all, and read only if every byte is as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import Fault, InputError, Tampered

MODEL, MANIFEST = "model.json", "manifest.json"
FORMAT = 1
REMEDY = "Take the version from where it was released, or train and add it again."


@dataclass(frozen=True)
class Version:
    """A version as its manifest tells it; `digest` is the hash of the manifest, and so of everything in the version."""

    name: str
    number: str
    folder: Path
    manifest: Mapping[str, Any]
    digest: str

    @property
    def label(self) -> str:
        """`NAME@VERSION`."""
        return f"{self.name}@{self.number}"

    def content(self, file: str) -> bytes:
        """The bytes of one of its files. Raises Tampered where they are not those that were released."""
        expected = self.manifest["files"].get(file)
        found = read_bytes(self.folder / file, self.label)
        if expected != sha256(found):
            raise touched(f"{self.label}: {file} is not the file that was released")
        return found

    def verify(self) -> None:
        """Reads every file. Raises Tampered where one was touched, truncated, swapped, or where one is too many."""
        for file in self.manifest["files"]:
            self.content(file)
        strangers = {entry.name for entry in self.folder.iterdir()} - {*self.manifest["files"], MANIFEST}
        if strangers:
            raise touched(f"{self.label} holds files that were not released: {', '.join(sorted(strangers))}")


def open_version(folder: Path, digest: str) -> Version:
    """The version in a folder. `digest` is what its manifest must hash to. Raises Tampered where it does not."""
    name, number = folder.parent.name, folder.name
    content = read_bytes(folder / MANIFEST, f"{name}@{number}")
    if sha256(content) != digest:
        raise touched(f"{name}@{number}: its manifest is not the one that was released")
    manifest = json.loads(content)
    if manifest["format"] != FORMAT:
        raise InputError(Fault(f"{name}@{number} has a form that this program does not read", allowed=str(FORMAT)))
    return Version(name, number, folder, manifest, digest)


def write_version(folder: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> Version:
    """Writes a new version with its manifest; the folder appears whole or not at all.

    Raises InputError where there is one already, or the disk does not take it.
    """
    name, number = folder.parent.name, folder.name
    hashes = {file: sha256(content) for file, content in sorted(files.items())}
    manifest = {"format": FORMAT, "name": name, "version": number, **about, "files": hashes}
    content = (json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    partial = folder.with_name(f".{number}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        for file, data in {**files, MANIFEST: content}.items():
            write_bytes(partial / file, data)
        partial.rename(folder)
        flush(folder.parent)
    except OSError as error:
        if folder.exists():
            raise exists(name, number) from None
        raise InputError(Fault(f"{name}@{number} cannot be written: {error.strerror}")) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Version(name, number, folder, json.loads(content), sha256(content))


def exists(name: str, number: str) -> InputError:
    what = f"{name}@{number} is there already, and a released version is never changed"
    return InputError(Fault(what, remedy="Add the model as a new version."))


def touched(what: str) -> Tampered:
    """The error about something that is not as it was released."""
    return Tampered(Fault(what, remedy=REMEDY))


def read_bytes(path: Path, label: str) -> bytes:
    """The bytes of a file that must be there, and be a file of its own."""
    try:
        if path.is_symlink():
            raise touched(f"{label}: {path.name} is a link to somewhere else")
        return path.read_bytes()
    except OSError as error:
        raise touched(f"{label}: {path.name} cannot be read: {error.strerror}") from None


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file and returns when it is on the disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def flush(folder: Path) -> None:
    """Returns when the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
