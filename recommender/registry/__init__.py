"""The models that were released: who approved which, when, on what evidence; and proof that nothing was touched since.

    MODELS/NAME/VERSION/model.json     the model: numbers and names, no code
                        manifest.json  what it was made from and by, its figures, and a hash of every other file
                        card.md        what it is for, and what it must not be used for
                        report.html    the evidence; report.json holds the same as data
    MODELS/NAME/log.jsonl              what happened to the name, a line an event, each with the hash of the one before

A version is never changed: it is added whole, and from then on its hash stands in the log. What was touched, truncated
or swapped does not load. No pickle is ever loaded.
"""

from recommender.registry.finding import Found, find, models_folder
from recommender.registry.log import Event, Log, Period
from recommender.registry.shelf import Shelf
from recommender.registry.version import Version

__all__ = ["Event", "Found", "Log", "Period", "Shelf", "Version", "find", "models_folder"]
