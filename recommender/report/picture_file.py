"""A picture as a file of its own, SVG or PNG by suffix. The same findings give the same file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recommender.errors import Fault, InputError

SVG = ".svg"
SUFFIXES = (SVG, ".png")
NO_LIBRARY = "pip install 'recommender[report]'"


def check_picture(target: Path) -> None:
    """Raises InputError where no picture can be drawn: another suffix, or matplotlib is not installed."""
    if target.suffix.lower() not in SUFFIXES:
        what = "is no kind of picture that can be drawn"
        raise InputError(Fault(what, file=target.name, allowed=" or ".join(SUFFIXES)))
    try:
        import matplotlib  # noqa: F401  # only to see whether it is there
    except ImportError:
        what = "a picture needs matplotlib, which is not installed"
        raise InputError(Fault(what, remedy=f"Install it: {NO_LIBRARY}")) from None


@contextmanager
def drawing(what: str, font_size: float = 9) -> Iterator[None]:
    """Matplotlib's settings for a picture of `what`, from which the names inside an SVG are made."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": what, "font.size": font_size, "font.family": "DejaVu Sans"}):
        yield


def save_picture(figure: Any, target: Path, *, tight: bool = True) -> None:
    """Writes a figure, cut to what is drawn if `tight`. Raises InputError where the disk does not take it."""
    # With a date in it the same findings would give another file.
    metadata = {"Date": None} if target.suffix.lower() == SVG else None
    try:
        figure.savefig(target, dpi=150, bbox_inches="tight" if tight else None, metadata=metadata)
    except OSError as error:
        raise InputError(Fault(f"cannot be written: {error.strerror}", file=target.name)) from None
