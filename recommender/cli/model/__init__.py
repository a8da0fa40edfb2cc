"""`recommender model …`: everything that is done with a trained model, one module a command."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.cli.late import Late, LateGroup

COMMANDS: Mapping[str, Late] = {
    "train": Late("recommender.cli.model.train", "train", "Learn a model from past placements and outcomes."),
    "leak-audit": Late("recommender.cli.model.leak_audit", "leak_audit", "Show what a model would gain by cheating."),
    "evaluate": Late("recommender.cli.model.evaluate", "evaluate", "Judge a model on people it was not made from."),
    "compare": Late("recommender.cli.model.compare", "compare", "Set two models side by side on the same people."),
    "watch": Late("recommender.cli.model.watch", "watch", "Look whether new people are like those it was made from."),
    "add": Late("recommender.cli.model.add", "add", "Put a model into the registry as a new version."),
    "list": Late("recommender.cli.model.shelves", "list_models", "List the models of the registry."),
    "show": Late("recommender.cli.model.shelves", "show", "Show a version, and who put what in force when."),
    "promote": Late("recommender.cli.model.promote", "promote", "Put a version in force, if every gate is open."),
    "rollback": Late("recommender.cli.model.promote", "rollback", "Put the version before in force again."),
    "verify": Late("recommender.cli.model.shelves", "verify", "Check that nothing in the registry was touched."),
}

HELP = """Train, judge and release models: a second opinion.

It can be read, and it never lowers what the rules require.
"""

model_group = LateGroup(name="model", late=COMMANDS, help=HELP)
