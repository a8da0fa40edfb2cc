"""What is likely where little is known: unknown answers completed from a reference population, given the known ones.

population  the model: hidden classes, a tree of questions, a table a question; as JSON
evidence    what answers say about the states of the model
luck        the random numbers that completions are drawn with
completing  unknown answers drawn, exactly, from the model
levels      the distribution over levels that the completions have
fitting     the model made from a cohort
"""

from recommender.likely.levels import LikelyLevels, likely_levels
from recommender.likely.population import Population, load_population

__all__ = ["LikelyLevels", "Population", "likely_levels", "load_population"]
