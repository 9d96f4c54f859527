"""The paper's experiment: settings, the three stages, grids, and the store that keeps every run.

settings    what an experiment is, but for its models and its method
stages      from weak labels to PGR, for one pair of models
grid        every combination of tasks, models, methods and seeds
result      accuracies, agreement and PGR, in rows of a table
learn       one run: a model is made, learns and predicts
run, store  a finished run, and the folder that keeps all runs
keys        what a run depends on; digest/ puts code and values into a name
checks      what must hold before anything is trained
arguments   settings and options from a command line
"""
