"""Which program this is, exactly: its version, numpy's, and the hash of every source that could matter."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np

from recommender import __version__

PACKAGE = Path(__file__).resolve().parents[1]
# What surrounds the engine and has no say in a recommendation.
AROUND = frozenset({"cli", "web", "store", "batch", "report", "fhir", "teds", "simulation", "impact", "learning"})


@functools.cache
def code_version() -> str:
    """Such as `0.1.0 numpy 2.3.4 5f1c…`: the same where the same program computes."""
    return f"{__version__} numpy {np.__version__} {source_hash()}"


def source_hash() -> str:
    """The hash of the sources, by name and content."""
    whole = hashlib.sha256()
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.glob("certificates/*.json")]):
        name = path.relative_to(PACKAGE)
        if name.parts[0] not in AROUND:
            whole.update(f"{name.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
