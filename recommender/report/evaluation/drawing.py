"""What all pictures of a report share: colours, one look, and a way to draw small panels side by side."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from recommender.evaluation.estimate import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Sheet

# Told apart by everybody, also in grey.
CHIEF, SECOND, THIRD, QUIET, INK, LINE = "#0b6e4f", "#c8731a", "#2b6ca3", "#8a94a1", "#1c2430", "#d8dee6"
COLOURS = (CHIEF, SECOND, THIRD, "#7a4fa3", "#5b6675", "#a3171e", "#3f8f9f", "#9a8a1f")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1)), (0, (6, 3)))
FONT = "DejaVu Sans"
LOOK: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": "#5b6675",
    "ytick.color": "#5b6675",
    "text.color": INK,
    "legend.frameon": False,
    "svg.hashsalt": "evaluation",
    # Letters as text and not as outlines: a third of the size, and they can be searched and read aloud.
    "svg.fonttype": "none",
}
WIDTH = 9.6
IN_ONE_ROW = 5
# A hundredth of a point is finer than paper; more digits make a page half as large again.
# The scale of letters is small and stays as it is.
TOO_FINE = re.compile(r"(?P<kept>scale\([^)]*\)|\d\.\d\d)\d*")
# What may stand in an attribute and in the address of an image as it is.
PLAIN = " !$&()*+,-./:;=?@[]^_{|}~'"


@contextmanager
def look() -> Iterator[None]:
    """Draws in the look of the report."""
    import matplotlib as mpl

    with mpl.rc_context(LOOK):
        yield


def panels(count: int, columns: int = 0, height: float = 2.3, **settings: Any) -> tuple[Sheet, list[Axes]]:
    """A sheet with `count` panels in rows of `columns`; up to five in one row if not given, else four."""
    from matplotlib.figure import Figure as NewSheet

    columns = columns or (count if count <= IN_ONE_ROW else 4)
    rows = math.ceil(count / columns)
    sheet = NewSheet(figsize=(WIDTH, height * rows), layout="constrained")
    grid = sheet.subplots(rows, columns, squeeze=False, **settings)
    axes = [cell for row in grid for cell in row]
    for cell in axes[count:]:
        cell.set_axis_off()
    return sheet, axes[:count]


def picture(sheet: Sheet, words: str, caption: str = "") -> str:
    """The sheet as an image inside the page. `words` say what it shows to whoever does not see it."""
    stream = io.StringIO()
    # No date: the same figures give the same page.
    sheet.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    # The quotation marks of the picture become single ones, so there must be none inside them.
    drawn = stream.getvalue().replace(f"'{FONT}'", f"{FONT}, sans-serif")
    drawn = " ".join(TOO_FINE.sub(r"\g<kept>", drawn[drawn.index("<svg") :]).replace('"', "'").split())
    shown = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img alt="{escape(words)}" src="data:image/svg+xml,{quote(drawn, safe=PLAIN)}">{shown}</figure>'


def dots(axes: Axes, figures: Sequence[Figure], places: Sequence[float], colour: str = CHIEF) -> None:
    """Values as dots on a line of their own, intervals as bars; nothing where there is no value."""
    for figure, place in zip(figures, places, strict=True):
        if figure.value is None:
            continue
        if figure.low is not None and figure.high is not None:
            axes.plot([figure.low, figure.high], [place, place], color=colour, linewidth=1.6, alpha=0.55)
        axes.plot([figure.value], [place], "o", color=colour, markersize=4)


def legend(sheet: Sheet, axes: Axes, columns: int = 4) -> None:
    """One legend for all panels, above them."""
    handles, labels = axes.get_legend_handles_labels()
    sheet.legend(handles, labels, loc="outside upper left", ncols=columns, fontsize=8.5)
