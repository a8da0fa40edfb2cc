"""`recommender model …`: everything that is done with a trained model, one module a command."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.cli.late import Late, LateGroup

COMMANDS: Mapping[str, Late] = {
    "train": Late("recommender.cli.model.train", "train", "Learn a model from past placements and outcomes."),
}

model_group = LateGroup(
    name="model",
    late=COMMANDS,
    help="Train, judge and release models: a second opinion that can be read, never below what the rules require.",
)
