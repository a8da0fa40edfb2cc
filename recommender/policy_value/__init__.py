"""What a way of placing people is worth: how many would do well, told from past records, or a refusal to say.

study        the people, what was done with them and what came of it, in arrays
policies     ways of placing: the rules, a model, both, and current practice
nuisance     how likely each placement was, and what was to be expected of it, never told of people learned from
overlap      whether anybody like these people was ever placed so; where not, nothing is told
value        the doubly robust value of a way of placing, its bed-days, and differences with intervals
sensitivity  how strong something unrecorded must be to explain a difference away
answer       all of it for a cohort
words        the answer as text and data
picture      the answer drawn
"""

from recommender.policy_value.answer import Answer, policy_value

__all__ = ["Answer", "policy_value"]
