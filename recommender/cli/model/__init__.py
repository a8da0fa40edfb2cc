"""`recommender model …`: everything that is done with a trained model, one module a command."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.cli.late import Late, LateGroup

COMMANDS: Mapping[str, Late] = {
    "train": Late("recommender.cli.model.train", "train", "Learn a model from past placements and outcomes."),
    "evaluate": Late("recommender.cli.model.evaluate", "evaluate", "Judge a model on people it was not made from."),
}

HELP = """Train, judge and release models: a second opinion.

It can be read, and it never lowers what the rules require.
"""

model_group = LateGroup(name="model", late=COMMANDS, help=HELP)
