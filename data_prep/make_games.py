"""Make games for pretraining the chess family: Stockfish against itself, of varied strength.

    python data_prep/make_games.py --shards 20 --jobs 2    # needs the Debian package `stockfish`
    python data_prep/make_games.py --engine PATH           # or a Stockfish that stands elsewhere

Three in five games begin after 2 to 12 random plies from the initial position. The others begin from a random
position of few pieces, so that endings are seen as often as openings. Either side has its own strength: nodes
a move, and how often it moves at random. A shard is 1,000 games in a file of its own, and depends on its
number only. A killed run continues with the shards that are missing. A line of a shard: the position after
the opening (FEN), a tab, the moves played (UCI).
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from joblib import Parallel, delayed
from playing import ROOT, shard
from tqdm.auto import tqdm

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "data_prep/cache/games")
    parser.add_argument("--engine", default=shutil.which("stockfish") or "/usr/games/stockfish")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    work = (delayed(shard)(number, args.out, args.engine) for number in range(args.shards))
    for _ in tqdm(Parallel(n_jobs=args.jobs, return_as="generator")(work), total=args.shards, unit="shard"):
        pass
