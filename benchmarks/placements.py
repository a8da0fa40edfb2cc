"""Real admissions beside the policy's bounds: how often the placement that happened lies within them, and where not.

Placements show capacity, payer and habit as much as need, so agreement is no accuracy. The rows are public-use TEDS
files in the folder given (they are not part of this project).

    python benchmarks/placements.py FOLDER
"""

from __future__ import annotations

import collections
import sys
import tempfile
from pathlib import Path
from typing import Any

from recommender.assessment import assess
from recommender.policy import Policy
from recommender.policy_file import load_policy
from recommender.teds import import_teds

FILES = (
    "teds_a_2023_sample/tedsa_2023_sample1000_coded.csv.gz",
    "teds_d_2023_sample/tedsd_2023_sample_dev_coded.csv.gz",
    "teds_a_2017_partial416/tedsa_2017_416rows.parquet",
)
WORST_SHOWN = 15


def main() -> None:
    """Prints the measurement for each file that is there."""
    if len(sys.argv) < 2:
        print("left out: name the folder with the public files")
        return
    policy = load_policy()
    for name in FILES:
        source = Path(sys.argv[1]) / name
        if source.is_file():
            measure(policy, source)


def measure(policy: Policy, source: Path) -> None:
    """Imports one file, scores it, and compares with the service that happened."""
    import pandas

    from recommender.answers import answers_of, read_text

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "answers.csv"
        summary = import_teds(source, target)
        table = pandas.read_csv(target, dtype=str, keep_default_na=False)
    questions = policy.questionnaire.questions
    names = [name for name in table.columns if name in questions]
    people = [{name: read_text(questions[name], row[name]) for name in names} for row in table.to_dict("records")]
    result = assess(policy, answers_of(policy.questionnaire, people))
    print(f"\n{source.name}: {summary.rows_read} rows, variant {summary.variant}")
    used = set(policy.questions_used)
    known = [sum(1 for name in names if row[name]) for row in table.to_dict("records")]
    print(f"  answers known a row: mean {sum(known) / len(known):.1f} of {len(names)}; the policy reads {len(used)}")
    show(policy, "at least", result.level_at_least)
    show(policy, "at most", result.level_at_most)
    compare(policy, table, result)


def show(policy: Policy, label: str, ranks: Any) -> None:
    """The distribution of one end of the bounds."""
    counts = collections.Counter(int(rank) for rank in ranks)
    shares = (f"{policy.ladder.levels[rank].code} {n / len(ranks):.1%}" for rank, n in sorted(counts.items()))
    print(f"  {label:<9}{', '.join(shares)}")


def compare(policy: Policy, table: Any, result: Any) -> None:
    """The share whose placement is one of the levels inside the bounds, and the commonest ways of lying below them."""
    ids, inside, placed = policy.ladder.ids, 0, 0
    outside: collections.Counter[tuple[str, str, tuple[str, ...]]] = collections.Counter()
    for row, service in enumerate(table["teds_services"]):
        if not service:
            continue
        placed += 1
        meant = policy.ladder.teds_services[int(service)]
        low, high = int(result.level_at_least[row]), int(result.level_at_most[row])
        if any(low <= ids.index(level) <= high for level in meant.levels):
            inside += 1
        else:
            strongest = [r for r in result.rules_fired(row) if r[0] in "MTRY" or r.startswith("RF")]
            outside[meant.label, ids[low], tuple(strongest)] += 1
    print(f"  placement within the bounds: {inside} of {placed} ({inside / placed:.1%})")
    for (label, floor, rules), count in outside.most_common(WORST_SHOWN):
        print(f"    {count:>4}  placed: {label}; floor: {floor}; rules: {' '.join(rules)}")


if __name__ == "__main__":
    main()
