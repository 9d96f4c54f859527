"""Chess puzzles (Burns et al. 2023, Section 3 and Appendix A.2): the position or the game goes in, the best move comes out.

`puzzles` reads the Lichess puzzle file, `games` finds the games that led to the puzzles and writes them as the paper does.
"""

from .games import join_games, prompt, read_text, target
from .puzzles import Puzzle, Report, is_right, is_unique_mate_in_one, read_puzzles, select, table

__all__ = ["Puzzle", "Report", "is_right", "is_unique_mate_in_one", "join_games", "prompt", "read_puzzles", "read_text", "select",
           "table", "target"]
