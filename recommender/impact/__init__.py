"""What a change of policy would do to a cohort: who would change level, from where to where, by group.

    groups        how a cohort is split into groups, in one table
    counting      exact counts of a cohort under two policies; they stay inside and are never shown
    disclosure    which counts may be shown, and how they are rounded
    shares        shares and intervals from shown counts alone
    findings      the counts that may be shown, as one value: what reports are made of

Level means the lowest level that the answers allow (`level_at_least`): for a complete record it is the level, for an
incomplete one it is what the rules require already.
"""

from recommender.impact.counting import Counts, DifferentQuestions, count_changes
from recommender.impact.findings import Findings, TooFew, findings_of
from recommender.impact.groups import GROUPINGS

__all__ = ["GROUPINGS", "Counts", "DifferentQuestions", "Findings", "TooFew", "count_changes", "findings_of"]
