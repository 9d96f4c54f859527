"""Draws docs/oversight.png, the picture of docs/oversight.md: who oversees whom, and who is stronger.

Positions are a sketch, from 0 (weak) to 1 (strong). They follow the page's table. Nothing is measured.

    python docs/oversight.py
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

PICTURE = Path(__file__).with_name("oversight.png")

# scheme -> where these stand: the one who gives the signal, the one who learns, those who help
SCHEMES = {
    "Weak-to-strong generalization": (0.2, 0.8, []),
    "Process rewards": (0.35, 0.8, []),
    "Consultancy": (0.2, 0.8, [0.73]),
    "Debate": (0.2, 0.8, [0.69, 0.74]),
    "Recursive reward modelling": (0.2, 0.8, [0.45, 0.6]),
    "Nested oversight": (0.2, 0.8, [0.4, 0.6]),
    "Amplification": (0.2, 0.7, [0.5, 0.54, 0.58]),
    "Constitutional methods": (0.72, 0.8, []),
}


def draw(target: Path = PICTURE) -> None:
    """Writes the picture to `target`, a PNG."""
    figure, ax = plt.subplots(figsize=(7.5, 3.8), layout="constrained")
    for row, (giver, learner, helpers) in enumerate(SCHEMES.values()):
        ax.annotate(
            "", (learner - 0.02, row), (giver + 0.02, row), arrowprops={"arrowstyle": "->", "color": "0.5"}
        )
        ax.scatter(
            giver, row, s=90, color="#de8f05", label="gives the signal" if row == 0 else None, zorder=3
        )
        ax.scatter(
            learner, row, s=90, marker="s", color="#0173b2", label="learns" if row == 0 else None, zorder=3
        )
        label = "helps" if helpers and "helps" not in ax.get_legend_handles_labels()[1] else None
        ax.scatter(helpers, [row - 0.28] * len(helpers), s=50, marker="^", color="0.4", label=label, zorder=3)
    ax.set(yticks=range(len(SCHEMES)), yticklabels=SCHEMES, xlim=(0, 1), ylim=(len(SCHEMES) - 0.4, -0.7))
    ax.set(xticks=[0.1, 0.9], xticklabels=["weak", "strong"])
    ax.tick_params(length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    figure.savefig(target, dpi=120, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    draw()
