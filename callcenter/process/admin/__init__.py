"""How administrators make the processes.

forms       what a form says of a pipeline or a stage, and what is wrong with it [pure]
deeds       adding, changing, ordering, taking away
pages       Administration → Pipelines
"""
