"""YAML content with places: read fast, and say the line and column of anything in it when asked.

The file is parsed once by the C loader. Only when something is wrong is it composed again to find where.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from recommender.errors import ContentError, Fault, did_you_mean
from recommender.shape import Shape, misfits

CONTENT = Path(__file__).parent / "content"
YAML_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TEXT_TAG, MERGE_TAG = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"

Path_ = tuple[str | int, ...]
T = TypeVar("T")

# What one character of a text over several lines may be in the file: a line's end with the blanks around it, an escape.
WRITTEN = {
    '"': re.compile(r"[ \t]*\n\s*|\\x..|\\u.{4}|\\\n\s*|\\.|.", re.DOTALL),
    "'": re.compile(r"[ \t]*\n\s*|''|.", re.DOTALL),
    None: re.compile(r"[ \t]*\n\s*|.", re.DOTALL),
}


class DuplicateKey(Exception):
    """Two equal keys in one mapping of a YAML file; PyYAML would keep the last without a word."""

    def __init__(self, key: yaml.Node) -> None:
        self.key, self.mark = key.value, key.start_mark
        super().__init__(self.key)


class Loader(YAML_LOADER):  # type: ignore[misc]  # PyYAML's loader is chosen at run time
    """PyYAML's safe loader with a plain walk over its nodes: its own, made for any document, takes twice as long."""

    def read(self) -> Any:
        """The document's data. Raises DuplicateKey, or yaml.YAMLError for a tag that is not allowed."""
        node = self.get_single_node()
        return None if node is None else self.value(node)

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.tag == TEXT_TAG else self.construct_object(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry) for entry in node.value]
        found: dict[Any, Any] = {}
        if any(key.tag == MERGE_TAG for key, _ in node.value):
            self.flatten_mapping(node)
            return {self.value(key): self.value(entry) for key, entry in node.value}
        for key, entry in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    problem="a key must be a plain word", problem_mark=key.start_mark
                )
            name = self.value(key)
            if name in found:
                raise DuplicateKey(key)
            found[name] = self.value(entry)
        return found


class ContentFile:
    """One YAML file: its data, its name for messages, the hash of its bytes, and the place of any entry."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        try:
            self.bytes = path.read_bytes()
            self.text = self.bytes.decode("utf-8")
        except OSError as error:
            raise ContentError(Fault(f"cannot be read: {error.strerror}", file=str(path))) from error
        except UnicodeDecodeError as error:
            raise ContentError(Fault("is not UTF-8 text", file=str(path), remedy="Save it as UTF-8.")) from error
        self.data: dict[str, Any] = self._parse()

    @property
    def hash(self) -> str:
        """SHA-256 of the file's bytes, in hexadecimal."""
        return hashlib.sha256(self.bytes).hexdigest()

    def fault(self, what: str, path: Path_ = (), *, offset: int = 0, **more: Any) -> Fault:
        """A fault at the entry that `path` leads to; `offset` counts characters into a one-line text."""
        line, column = self.locate(path, offset)
        return Fault(what, file=self.name, line=line, column=column, **more)

    def fail(self, what: str, path: Path_ = (), *, offset: int = 0, **more: Any) -> ContentError:
        """The same as an error to raise."""
        return ContentError(self.fault(what, path, offset=offset, **more))

    def locate(self, path: Path_, offset: int = 0) -> tuple[int, int]:
        """Line and column, both from 1, of the entry that `path` leads to, or of the nearest entry above it."""
        node: Any = self._nodes
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node = found
        if not isinstance(node, yaml.ScalarNode) or node.style not in WRITTEN:
            return node.start_mark.line + 1, node.start_mark.column + 1
        return self._inside(node, offset)

    @functools.cached_property
    def _nodes(self) -> Any:
        return yaml.compose(self.text, Loader=YAML_LOADER)

    def _inside(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        """The place of a character of a text, which may go on over several lines of the file."""
        written, place = WRITTEN[node.style], node.start_mark.index + bool(node.style)
        for _ in range(offset):
            match = written.match(self.text, place)
            place = match.end() if match else place
        return self.text.count("\n", 0, place) + 1, place - self.text.rfind("\n", 0, place)

    def misfits(self, entry: Mapping[str, Any], shape: Shape, path: Path_) -> tuple[list[Fault], bool]:
        """The faults of an entry against its shape, and whether the entry can be read all the same."""
        found = list(misfits(entry, shape))
        faults = [self.fault(m.what, (*path, *m.at), allowed=m.allowed, remedy=m.remedy) for m in found]
        return faults, not any(misfit.fatal for misfit in found)

    def check(self, entry: Mapping[str, Any], shape: Shape, path: Path_) -> None:
        """Raises ContentError with everything in an entry that is not as its shape says."""
        faults, _ = self.misfits(entry, shape, path)
        if faults:
            raise ContentError(faults)

    def check_keys(self, entry: Mapping[str, Any], allowed: Iterable[str], path: Path_) -> None:
        """Raises ContentError for a key that means nothing here, with the nearest one that does."""
        known = tuple(allowed)
        for key in entry:
            if key not in known:
                raise self.fail(
                    f"`{key}` is not a known key here",
                    (*path, key),
                    allowed=", ".join(known),
                    remedy=did_you_mean(str(key), known),
                )

    def require(self, entry: Mapping[str, Any], keys: Sequence[str], path: Path_) -> None:
        """Raises ContentError when one of the keys is missing or empty."""
        for key in keys:
            if entry.get(key) in (None, "", [], {}):
                raise self.fail(f"`{key}` is missing", path, remedy=f"Add `{key}:` to this entry.")

    def _parse(self) -> dict[str, Any]:
        try:
            data = Loader(self.text).read()
        except DuplicateKey as error:
            raise ContentError(
                Fault(
                    f"the key `{error.key}` stands twice in one entry",
                    file=self.name,
                    line=error.mark.line + 1,
                    column=error.mark.column + 1,
                    remedy="Keep one of them.",
                )
            ) from None
        except yaml.YAMLError as error:
            raise ContentError(self._syntax_fault(error)) from None
        if not isinstance(data, dict):
            raise ContentError(Fault("must be a YAML mapping at the top", file=self.name, line=1, column=1))
        return data

    def _syntax_fault(self, error: yaml.YAMLError) -> Fault:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Fault(
            f"is not valid YAML: {getattr(error, 'problem', error)}",
            file=self.name,
            line=line,
            column=column,
            remedy="Check the indentation and put text that holds `: ` or `#` in quotes.",
        )


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


class FaultList:
    """Gathers what is wrong while reading goes on, so that all of it is told at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def attempt(self, read: Callable[..., T], *arguments: Any) -> T | None:
        """What `read` gives, or None where it found faults, which are kept."""
        try:
            return read(*arguments)
        except ContentError as error:
            self.faults.extend(error.faults)
            return None

    def sound(self, file: ContentFile, entry: Any, shape: Shape, path: Path_) -> bool:
        """Whether an entry can be read further; everything that is not as its shape says is kept."""
        if not isinstance(entry, dict):
            return False  # the list that holds it was found wrong for that
        faults, readable = file.misfits(entry, shape, path)
        self.faults += faults
        return readable

    def close(self) -> None:
        """Raises ContentError with everything that was gathered, in the order of the files."""
        if self.faults:
            raise ContentError(sorted(self.faults, key=lambda f: (f.file or "", f.line or 0, f.column or 0)))
