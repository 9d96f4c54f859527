"""Tables of nested oversight in which each effect is exactly what is asked."""

import pandas as pd
from effects import of_seed

SIZES = ("xs", "s", "m", "l")


def oversight_world(n_seeds, effects):
    """Sizes are 100 Elo apart. A judge catches 0.6 of the backdoors of its equal, and `falls` less for each
    size that the player is above it. Where they are given, xs catches `across` of l, l `back` of xs, and each
    judge `step` of the player one size up. A chain catches `chained` more than xs, a confident one
    `confident` more.
    """
    effects = {
        "falls": 0.08,
        "across": None,
        "back": None,
        "step": 0.8,
        "chained": 0.1,
        "confident": 0.2,
    } | effects
    games, chain = [], []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        given = {3: e["across"], -3: e["back"], 1: e["step"]}
        for j, judge in enumerate(SIZES):
            for p, player in enumerate(SIZES):
                special = given.get(p - j)
                games.append(
                    {
                        "judge": judge,
                        "player": player,
                        "seed": seed,
                        "gap": 100 * (p - j),
                        "caught": 0.6 - e["falls"] * (p - j) if special is None else special,
                        "auc": 0.8,
                        "right": 0.7,
                    }
                )
        shares = {"xs": 0.3, "m, chain": 0.3 + e["chained"], "m, chain, confidence": 0.3 + e["confident"]}
        chain += [
            {"judge": judge, "seed": seed, "labels": 0.7, "caught": share, "auc": 0.8, "right": 0.7}
            for judge, share in shares.items()
        ]
    return {"oversight": pd.DataFrame(games), "oversight_chain": pd.DataFrame(chain)}
