"""Chess puzzles: the position or the game goes in, the best move comes out.

Source: Burns et al. 2023, Section 3 and Appendix A.2.

    task       the shipped puzzles, and the split of puzzles, those of files, too
    puzzle     what a puzzle is, and whether an answer to it is right
    lichess    reads the Lichess puzzle file; `columns` finds out what its columns hold
    games      finds the games that led to puzzles, and writes them as the paper does
    rules      positions and moves, checked by the rules of chess
    board      turns positions into tokens

The puzzles of the mini tier ship with the kit; data_prep/make_puzzles.py makes them.
"""

from ..rows import Report
from .games import join_games, prompt, read_text, target, write_text
from .lichess import load_puzzles, read_puzzles
from .puzzle import Puzzle, is_right, select, table
from .rules import is_unique_mate_in_one
from .task import FILE, TASKS, TEXT, asked, load, load_file, load_text, puzzles

__all__ = [
    "FILE",
    "TASKS",
    "TEXT",
    "Puzzle",
    "Report",
    "asked",
    "is_right",
    "is_unique_mate_in_one",
    "join_games",
    "load",
    "load_file",
    "load_puzzles",
    "load_text",
    "prompt",
    "puzzles",
    "read_puzzles",
    "read_text",
    "select",
    "table",
    "target",
    "write_text",
]
