"""A model's opinion of one person as a part of the HTML page: chances, its set, and what each answer adds."""

from __future__ import annotations

from html import escape

from recommender.recommendation import OPINION_IS_USUAL
from recommender.report.words import opinion_words, percent
from recommender.second_opinion import Contribution, SecondOpinion

WIDTH, HEIGHT = 160, 12
# The rest is in the JSON; together they add up to the log odds.
MOST_SHOWN = 12


def opinion_html(opinion: SecondOpinion) -> str:
    """The inside of the section."""
    kind = "flag floor" if opinion.needs_a_person else ""
    sentences = "".join(f"<p>{escape(line)}</p>" for line in opinion_words(opinion))
    return (
        f'<div class="{kind}">{sentences}</div>{levels_table(opinion)}'
        f"<h3>What each answer adds to “at least {escape(opinion.step)}”</h3>{answers_table(opinion)}"
        f'<p class="quiet">{escape(OPINION_IS_USUAL)}</p>'
    )


def levels_table(opinion: SecondOpinion) -> str:
    """The chance of each level of the model's ladder; those of the set are marked."""
    rows = "".join(
        f"<tr><td>{escape(level.name)}</td><td>{bar(level.chance, 1.0)}</td><td>{escape(percent(level.chance))}</td>"
        f"<td>{'in its set' if level.in_set else ''}</td></tr>"
        for level in opinion.levels
    )
    return f"<table><tr><th>Level</th><th></th><th>Usual for</th><th></th></tr>{rows}</table>"


def answers_table(opinion: SecondOpinion) -> str:
    """The answers that add or take most, in log odds against the average person."""
    shown = opinion.contributions[:MOST_SHOWN]
    rest = sum(entry.effect for entry in opinion.contributions[MOST_SHOWN:])
    widest = max((abs(entry.effect) for entry in shown), default=1.0) or 1.0
    rows = "".join(answer_row(entry, widest) for entry in shown)
    others = f'<tr><td colspan="3">all other answers together</td><td>{rest:+.2f}</td></tr>'
    return f"<table><tr><th>Question</th><th>Answer</th><th></th><th>Adds</th></tr>{rows}{others}</table>"


def answer_row(entry: Contribution, widest: float) -> str:
    return (
        f"<tr><td>{escape(entry.title)}</td><td>{escape(entry.answer)}</td>"
        f"<td>{signed_bar(entry.effect, widest)}</td><td>{entry.effect:+.2f}</td></tr>"
    )


def bar(value: float, most: float) -> str:
    """A bar from the left."""
    return drawing(f'<rect x="0" y="0" width="{WIDTH * value / most:.1f}" height="{HEIGHT}" fill="#0b6e4f"/>')


def signed_bar(value: float, most: float) -> str:
    """A bar from the middle: to the right what speaks for more care, to the left what speaks for less."""
    length = WIDTH / 2 * abs(value) / most
    start = WIDTH / 2 if value > 0 else WIDTH / 2 - length
    colour = "#0b6e4f" if value > 0 else "#7a5200"
    return drawing(
        f'<rect x="{start:.1f}" y="0" width="{length:.1f}" height="{HEIGHT}" fill="{colour}"/>'
        f'<path d="M{WIDTH / 2} 0V{HEIGHT}" stroke="#5b6675"/>'
    )


def drawing(inside: str) -> str:
    # The number stands beside it in words, so a screen reader need not hear the picture.
    return f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{inside}</svg>'
