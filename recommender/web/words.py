"""The strings of the pages, from one catalogue a language, so that a page holds none of its own."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

CATALOGUES = Path(__file__).parent / "catalogues"
ENGLISH = "en"


class Words(dict[str, str]):
    """Strings by name: `words("worklist")`, and with what they hold: `words("waiting", count=3)`."""

    def __call__(self, name: str, **held: object) -> str:
        return self[name].format(**held)

    def of(self, kind: str, codes: Iterable[str]) -> dict[str, str]:
        """What each code of a kind means, such as the `status` of a referral."""
        return {code: self[f"{kind}.{code}"] for code in codes}


@functools.cache
def load_words(language: str = ENGLISH) -> Words:
    """The catalogue of a language. KeyError for a name that it has not is a fault of ours, not of a user."""
    read: Mapping[str, str] = yaml.safe_load((CATALOGUES / f"{language}.yaml").read_text(encoding="utf-8"))
    return Words(read)
