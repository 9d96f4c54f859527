"""An arena for weak-to-strong methods (notebook 25; Wen, Qiu and others 2026).

Other people's code is scored on labels that it cannot see. Three kinds of processes take part:

    organiser   where you type
    server      draws the data, keeps the test labels to itself, and answers questions about accuracy
    child       fresh for each submission; has weak labels, features and NumPy, and is killed when it is done,
                or has taken too long

Child and server do not know each other.

    with Arena(miniworld, seeds=range(5)) as arena:
        arena.submit(method, "mine")     # method(weak, inputs, model) -> 0 or 1 for each of inputs.test
        arena.leaderboard()

    board       problems, what is hidden of them, and how answers are scored: the server
    problems    problems made of MiniWorld
    confined    the program of a child: bounds first, then the submission
    sandbox     starts a child, and reads its answers
    arena       the organiser's side
    search      methods with knobs, a search over them by score, and attacks on a board
"""

from .arena import Arena
from .board import MIN_SEEDS, Board, Drawn, Problem, Refused
from .problems import miniworld
from .sandbox import SubmissionError, missing_bounds, run_confined, run_here
from .search import KNOBS, NAIVE, flip_blocks, flip_one_by_one, recipe  # `search` is the module's name
