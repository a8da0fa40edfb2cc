"""Learning from outcomes: what is known of past intakes, what may be learnt from it, and what comes of it.

cohort         past intakes with placements and outcomes, in columns
cohort_file    such a table, read and checked
cohort_cells   what one cell of it says
outcome        what dates, days and reasons together say about outcomes
leak           what a model must never see
features       what a model reads of the answers, in which cells
leak_audit     how well a model would seem to do if it saw that: a diagnostic
splits         who is learned from and who is kept for judging
level_groups   the model's own ladder: thin levels join a neighbour
lesson         what a cohort teaches: who did well, where, and who is kept for judging
teaching       from a lesson to a model: which questions it reads
origin         the data, program and libraries that a model comes from
boosting       one step of the ladder learned and compiled into tables
training       the glass box made of all steps: averaged, calibrated, with prediction sets
"""
