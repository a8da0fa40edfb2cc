"""The trained model, as far as scoring needs it: small tables that are looked up and added. Numpy alone.

    features    what the model reads of the answers: the cells of each question
    tables      the model itself: tables, intercepts, calibration; log odds and contributions
    sets        prediction sets on the ladder, and how wide is too wide
    opinion     what the model says of people, beside the rules' floor
    file        the model as a JSON file, read strictly

Made by `recommender.learning`. It says at which level similar people were placed and did well. That is *usual*, never
*correct*; it cannot lower what the rules require.
"""

from recommender.glass_box.file import load_model, read_model, write_model
from recommender.glass_box.opinion import Opinion, opinion, opinion_of_answers
from recommender.glass_box.tables import GlassBox

__all__ = ["GlassBox", "Opinion", "load_model", "opinion", "opinion_of_answers", "read_model", "write_model"]
