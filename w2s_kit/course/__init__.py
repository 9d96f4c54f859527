"""For a course: exercises and their checks, grading, a runner of notebooks, and a doctor for the machine.

Nothing is imported here: `course.notebooks` has to be loaded before torch, without anything heavy.
"""
