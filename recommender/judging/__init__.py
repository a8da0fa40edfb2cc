"""A trained model judged on people that it was not made from: from a cohort and a model to the evidence on it.

judged        who of a cohort is judged: those with a label, in the model's own levels, and of which groups they are
verdicts      what the model, the rules and the clinicians say of the same people
challengers   what simpler and freer models, made from the same people, say of them
flips         whether race, sex, payer or place ever change what is said
retraining    the same model made again without a site, without later periods, or from fewer people
shapes        what the model makes of each answer
facts         the facts of a run, from which the self check and the gates are answered
evidence      all of it as one dossier
comparison    two models on the same people
drift         whether new people are still like those that a model was made from
"""
