"""Synthetic referrals: people who do not exist, for trying and testing. Never for judging a policy or a model.

The population is declared in `content/simulation.yaml`; this package only carries it out:

    model       what can be declared
    reading     the declaration, loaded and checked
    chance      random numbers that depend on the seed and the row alone
    population  complete intakes that hold together
    gaps        what was never asked, not known, declined, or only roughly known
    writing     answers as text, and files
    responses   what is declared of placements and outcomes (`content/outcomes.yaml`)
    truth       how likely each level, and each outcome at each level, really is
    cohort      people with a placement, a stay and an end

The same seed gives the same person in the same row, however many rows are made and however many at a time.
"""

from recommender.simulation.model import SimulationModel
from recommender.simulation.reading import load_simulation
from recommender.simulation.writing import simulate, simulate_answers, write_simulation

__all__ = ["SimulationModel", "load_simulation", "simulate", "simulate_answers", "write_simulation"]
