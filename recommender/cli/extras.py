"""What is not installed with the package itself: asked for when it is needed, in a sentence."""

from __future__ import annotations

import importlib.util

from recommender.errors import Fault, NotInstalled


def installed(module: str) -> bool:
    """Whether a module is there; it is not imported."""
    return importlib.util.find_spec(module) is not None


def require(module: str, extra: str, what: str) -> None:
    """Raises NotInstalled, with the extra that brings it, where a module is not there."""
    if not installed(module):
        remedy = f"Install it with `pip install 'recommender[{extra}]'`; everything else works without it."
        raise NotInstalled(Fault(f"{what} needs `{module}`, which is not installed", remedy=remedy))
