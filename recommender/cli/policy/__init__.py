"""`recommender policy …`: everything that is done with a policy itself, one module a command."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.cli.late import Late, LateGroup

COMMANDS: Mapping[str, Late] = {
    "show": Late("recommender.cli.policy.show", "show", "Print the rules in words, with why and source."),
    "check": Late("recommender.cli.policy.check", "check", "Prove a policy over all possible intakes."),
    "explain-rule": Late("recommender.cli.policy.explain_rule", "explain_rule", "Print one rule in full."),
    "lint": Late("recommender.cli.policy.lint", "lint", "Tell all that is wrong or odd in a policy file at once."),
    "schema": Late("recommender.cli.policy.schema", "schema", "Print the JSON Schema that an editor completes by."),
    "reference": Late("recommender.cli.policy.reference", "reference", "Write every rule in words, as pages."),
    "test": Late("recommender.cli.policy.test", "test", "Run the cases of a policy and say what differs."),
    "pairs": Late("recommender.cli.policy.pairs", "pairs", "Make two cases for each condition of each rule."),
    "mutants": Late("recommender.cli.policy.mutants", "mutants", "See what notices small slips in a policy."),
    "cases": Late("recommender.cli.policy.cases", "cases", "Measure a policy on the packaged cases."),
    "diff": Late("recommender.cli.policy.diff", "diff", "Tell what differs between two policies, and for whom."),
    "impact": Late("recommender.cli.policy.impact", "impact", "Count who would change level under a new policy."),
}

policy_group = LateGroup(
    name="policy",
    late=COMMANDS,
    help="Read, check, test and compare the rules. A recommendation is made by them.",
)
