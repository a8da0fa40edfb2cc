"""The keys that keep what identifies a person unreadable in the database. They live outside it: a file or a variable.

A key file has one key a line, its id and 32 random bytes as base64; the last one is current and seals what is written
from now on, the others still open what was sealed before. From each key three are derived, so that no key has two uses:
for sealing (AES-256-GCM), for searching without opening (a keyed hash), and for the audit chain.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from recommender.errors import Fault, InputError

KEY_BYTES, NONCE_BYTES = 32, 12
VARIABLE = "RECOMMENDER_KEYS"
COMMENT = "#"
FORM = "one key a line: an id, a space, and 32 bytes as base64"
NEW_KEYS = "Make a key file with `recommender keys new FILE`."


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The keys by id, oldest first; the last one is current."""

    keys: Mapping[str, bytes]

    @property
    def current(self) -> str:
        """The id of the key that seals from now on."""
        return list(self.keys)[-1]

    def seal(self, text: str, about: str) -> str:
        """The text, unreadable without the key. It opens again only for the same `about`, such as `person ID`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher(self.current).encrypt(nonce, text.encode(), about.encode())
        return f"{self.current}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """What was sealed. Raises InputError where the key is missing, or the text was changed or put elsewhere."""
        key, _, body = sealed.partition(".")
        if key not in self.keys:
            raise InputError(Fault("a key is missing that some of the database was sealed with", remedy=KEEP_OLD))
        try:
            data = base64.b64decode(body, validate=True)
            return self._cipher(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            # Not chained: the cause says nothing more, and its traceback would show what was given.
            raise InputError(Fault("a sealed text was changed, moved, or sealed with another key")) from None

    def tokens(self, kind: str, text: str) -> list[str]:
        """What stands in the search index for a text, under each key; the current key's comes last."""
        return [self.token(kind, text, key) for key in self.keys]

    def token(self, kind: str, text: str, key: str | None = None) -> str:
        """What stands in the search index for a text under one key."""
        return self.mark("search index", f"{kind}\0{text}".encode(), key)

    def mark(self, use: str, data: bytes, key: str | None = None) -> str:
        """A keyed hash of data (64 hexadecimal digits), which nobody can make without the key."""
        return hmac.digest(self._derived(key or self.current, use), data, "sha256").hex()

    def _derived(self, key: str, use: str) -> bytes:
        return derived(self.keys[key], use)

    def _cipher(self, key: str) -> AESGCM:
        return AESGCM(self._derived(key, "sealing"))


KEEP_OLD = (
    "Put the old key back into the key file, above the current one: the audit log needs every key there ever was."
)


@functools.lru_cache(maxsize=64)
def derived(key: bytes, use: str) -> bytes:
    """A key for one use."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"recommender {use}".encode()).derive(key)


def new_key() -> tuple[str, bytes]:
    """A random key with an id of its own."""
    return secrets.token_hex(4), secrets.token_bytes(KEY_BYTES)


def new_ring() -> KeyRing:
    """A ring with one new key."""
    return KeyRing(dict([new_key()]))


# --------------------------------------------------------------------------------------------------------------- files
def read_keys(file: Path | None = None) -> KeyRing:
    """The keys of a file, or of the variable RECOMMENDER_KEYS where none is given. Raises InputError."""
    if file is None:
        if VARIABLE not in os.environ:
            raise InputError(Fault(f"no key file is given and {VARIABLE} is not set", remedy=NEW_KEYS))
        return keys_in(os.environ[VARIABLE], VARIABLE)
    try:
        readable_by_others = file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        text = file.read_text(encoding="ascii")
    except OSError as error:
        raise InputError(
            Fault(f"the key file cannot be read: {error.strerror}", file=str(file), remedy=NEW_KEYS)
        ) from None
    except UnicodeDecodeError:
        raise InputError(Fault("this is not a key file", file=str(file), allowed=FORM)) from None
    if os.name == "posix" and readable_by_others:
        remedy = f"Close it: chmod 600 {file}"
        raise InputError(Fault("other users of this machine can read the key file", file=str(file), remedy=remedy))
    return keys_in(text, str(file))


def keys_in(text: str, name: str) -> KeyRing:
    """The keys that a text holds; `name` is its name in messages."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith(COMMENT):
            key, found = key_in(line, Fault("this line is not a key", file=name, line=number, allowed=FORM))
            keys[key] = found
    if not keys:
        raise InputError(Fault("holds no key", file=name, allowed=FORM, remedy=NEW_KEYS))
    return KeyRing(keys)


def key_in(line: str, fault: Fault) -> tuple[str, bytes]:
    words = line.split()
    try:
        key = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error):
        raise InputError(fault) from None
    if len(words) != 2 or len(key) != KEY_BYTES or not words[0].isalnum():
        raise InputError(fault)
    return words[0], key


def write_keys(ring: KeyRing, file: Path) -> None:
    """Writes a new key file that only its owner can read. Raises InputError where the file is there already."""
    lines = [f"{key} {base64.b64encode(secret).decode()}\n" for key, secret in ring.keys.items()]
    text = f"{COMMENT} Keys of recommender. Whoever has them can read every name. Without them nobody can.\n"
    try:
        with open(file, "x", encoding="ascii", opener=only_for_the_owner) as stream:
            stream.write(text + "".join(lines))
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        remedy = "Name another file: keys are never overwritten."
        raise InputError(Fault("the key file is there already", file=str(file), remedy=remedy)) from None


def only_for_the_owner(path: str, flags: int) -> int:
    """Opens a file that is made with the rights of its owner alone."""
    return os.open(path, flags, 0o600)


def add_key(file: Path) -> KeyRing:
    """Adds a new current key to a key file. The old ones stay, to open what was sealed with them."""
    ring = KeyRing({**read_keys(file).keys, **dict([new_key()])})
    beside = file.with_name(f"{file.name}.new")
    write_keys(ring, beside)
    os.replace(beside, file)
    return ring
