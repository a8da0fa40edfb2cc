"""Figures as people read them."""

from __future__ import annotations

from recommender.evaluation.estimate import Figure
from recommender.evaluation.measures import MEASURES

HIDDEN = "·"
MINUS = "−"
# A percent sign never stands alone on the next line.
SIGN = "\u00a0%"
PERCENT = {measure.id for measure in MEASURES if measure.percent}
DIGITS = 3


def value_words(figure: Figure, *, percent: bool = False, digits: int = DIGITS) -> str:
    """The value alone: `0.837` or `46.4 %`; a dot where there is none to show."""
    if figure.value is None:
        return HIDDEN
    return number(figure.value, percent, digits) + (SIGN if percent else "")


def interval_words(figure: Figure, *, percent: bool = False, digits: int = DIGITS) -> str:
    """The interval alone: `0.833 to 0.841`."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{number(figure.low, percent, digits)} to {number(figure.high, percent, digits)}"


def figure_words(figure: Figure, *, percent: bool = False, digits: int = DIGITS) -> str:
    """`0.837 (0.833 to 0.841)`."""
    interval = interval_words(figure, percent=percent, digits=digits)
    value = value_words(figure, percent=percent, digits=digits)
    return f"{value} ({interval})" if interval else value


def number(value: float, percent: bool, digits: int = DIGITS) -> str:
    """A number with a real minus; never `-0.000`."""
    text = f"{100 * value:.1f}" if percent else f"{value:.{digits}f}"
    if float(text) == 0:
        return text.lstrip("-")
    return text.replace("-", MINUS)


def share_words(share: float) -> str:
    """A share in percent, without an interval."""
    return f"{100 * share:.1f}{SIGN}"


def people_words(count: int | None) -> str:
    """A number of people, or a dot where it is hidden."""
    return HIDDEN if count is None else f"{count:,}"
