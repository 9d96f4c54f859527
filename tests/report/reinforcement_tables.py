"""Tables of reinforcement learning in which each effect is exactly what is asked."""

import pandas as pd
from effects import of_seed


def reinforcement_world(n_seeds, effects):
    """With 16 problems, the reward saturates `soon` sooner and the writer has `less` right. Noise still gives
    `noisy`, the majority `most`; answers without steps gain `steps` less. The judge of steps gives `judged`,
    the rule `ruled` more; the judge of outcomes takes `hacked`, and its reward rises by `paid`. Wrong traces
    give `wrong`, all of them the share `traces` of what rewards give. Without a password, `both` is better
    than demonstrations by `rest` and than rewards by `alone`; without the rule, demonstrations help by
    `spared`; a model that is told of training has `told` more with the password.
    """
    effects = {
        "soon": 0.2,
        "less": 0.1,
        "noisy": 0.1,
        "most": 0.1,
        "steps": 0.2,
        "judged": 0.1,
        "ruled": 0.2,
        "hacked": 0.2,
        "paid": 0.1,
        "wrong": 0.1,
        "traces": 0.9,
        "rest": 0.1,
        "alone": 0.1,
        "spared": 0.2,
        "told": 0.3,
    } | effects
    rewards, traces, sandbagging = [], [], []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        start, gain = 0.4, 0.3
        ends = {
            "truth": start + gain,
            "truth, 16 problems": start + gain - e["less"],
            "truth, answers only": start + gain - e["steps"],
            "flipped 0.4": start + e["noisy"],
            "majority": start + e["most"],
            "process": start + e["judged"],
            "process, rule": start + e["judged"] + e["ruled"],
            "outcome": start - e["hacked"],
        }
        for arm, end in ends.items():
            for step in (0, 20, 40, 60):
                rewards.append(
                    {
                        "seed": seed,
                        "reward_by": arm,
                        "step": step,
                        "reward": 0.5 + e["paid"] * (step - 20) / 40,
                        "saturated": 0.5 - (e["soon"] if arm == "truth, 16 problems" else 0),
                        "right": start + (end - start) * step / 60,
                        "sound": 0.3,
                        "right_6": 0.5,
                    }
                )
        taught = {
            "start": start,
            "wrong": start + e["wrong"],
            "mixed": start + e["traces"] * gain,
            "rewards": start + gain,
        }
        traces += [
            {"seed": seed, "taught": arm, "right": right, "sound": 0.3, "right_6": 0.5}
            for arm, right in taught.items()
        ]
        both, told = 0.6, 0.4
        elicited = {
            "both": both,
            "demonstrations": both - e["rest"],
            "rewards": both - e["alone"],
            "both without rule": 0.4 + e["spared"],
            "rewards without rule": 0.4,
            "both, told": told,
        }
        sandbagging += [
            {
                "seed": seed,
                "trained": arm,
                "reward": 0.5,
                "right_6": right,
                "sound_6": 0.3,
                "password_6": told + e["told"],
                "weak_6": 0.5,
            }
            for arm, right in elicited.items()
        ]
    return {
        "reinforcement": pd.DataFrame(rewards),
        "traces": pd.DataFrame(traces),
        "sandbagging": pd.DataFrame(sandbagging),
    }
