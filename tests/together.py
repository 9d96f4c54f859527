"""What is started twice in tests/shared/test_processes.py: a finetuning and a grid, trained by all processes
together.

    torchrun --nproc-per-node 2 together.py FOLDER    # accelerate launch, on GPUs
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from stand_ins import SETTINGS, grid, stand_in
from tiny import Tiny, data, weights

from w2s_kit.experiment.store import Store
from w2s_kit.methods.confidence import Confidence
from w2s_kit.shared.processes import team
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune

TEXTS, TARGETS = data()
CONFIG = TrainConfig(lr=0.02, epochs=3, batch_size=16, checkpoint_every=5)
SMALL_GRID = dict(tasks=["up"], supervisors=["small"], students=["big"], methods=["naive", "confidence"])


def trained(checkpoint=None, **changes):
    model = Tiny()
    finetune(
        model,
        TEXTS,
        TARGETS,
        TrainConfig(**(vars(CONFIG) | changes)),
        loss=Confidence(),
        checkpoint=checkpoint,
    )
    return weights(model)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    rank = team().process_index
    save_file(trained(folder / "checkpoint"), folder / f"{rank}.safetensors")
    save_file(trained(token_budget=40), folder / f"{rank}-parts.safetensors")
    stand_in(setattr, folder / f"log-{rank}")
    for _ in range(2):  # the second only reads
        table = grid(**SMALL_GRID, settings=SETTINGS, store=Store(folder / "runs"))
    table.to_json(folder / f"{rank}.json", orient="records")
    for name, wrong in (
        ("jobs", lambda: grid(**SMALL_GRID, settings=SETTINGS, store=Store(folder / "runs"), n_jobs=2)),
        ("batch", lambda: trained(batch_size=1)),
    ):
        try:
            wrong()
        except ValueError as error:
            (folder / f"{rank}-{name}.txt").write_text(str(error))
