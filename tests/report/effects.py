"""The effects of a made world, seed by seed."""


def of_seed(effects: dict, seed: int, n_seeds: int) -> dict[str, float]:
    """Each effect as this seed has it.

    One that is (number, spread) grows by `spread` from seed to seed, around its number.
    """
    return {
        name: effect[0] + effect[1] * (seed - (n_seeds - 1) / 2) if isinstance(effect, tuple) else effect
        for name, effect in effects.items()
    }
