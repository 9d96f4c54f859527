"""Small files and rows as users bring them."""

import json
import random
from pathlib import Path

import chess

from w2s_kit.tasks.chess import Puzzle

HARMLESS = Path(__file__).parents[2] / "shared/data/hub/Anthropic/hh-rlhf/harmless-base/test.parquet"


def random_games(n):
    """Puzzles only in form: positions of random games, with any legal move for a solution."""
    rng = random.Random(0)
    for i in range(n):
        board = chess.Board()
        for _ in range(rng.randint(4, 12)):
            board.push(rng.choice(list(board.legal_moves)))
        best = rng.choice(list(board.legal_moves))
        yield Puzzle(
            f"p{i}",
            board.fen(),
            (best.uci(),),
            board.peek().uci(),
            game=tuple(m.uci() for m in board.move_stack),
        )


def comparisons(tmp_path, n=120):
    """The longer answer is preferred; three dialogues in a row open with the same words."""
    file = tmp_path / "pairs.jsonl"
    rows = []
    for i in range(n):
        words = ["ant", "bat", "cat", "dog", "cow"]
        prompt = f"is the {words[i % 5]} alive ? {i // 3}\n\nAssistant: no\n\nHuman: {i}"
        rows.append(
            {
                "prompt": f"\n\nHuman: {prompt}\n\nAssistant:",
                "chosen": f"yes the {words[i % 4]} is alive",
                "rejected": f"no {words[i % 3]}",
                "margin": 1 + i % 7,
            }
        )
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def write(path, content):
    """The file, with these bytes or this text."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
