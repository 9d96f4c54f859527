"""Finetuning of the tiny classifier on its own texts."""

from tiny import Tiny, data

from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune

CPU = pick_device("cpu")
CONFIG = TrainConfig(lr=0.02, epochs=3, batch_size=16)
TEXTS, TARGETS = data()


def run(config=CONFIG, model=None, **kw):
    model = model or Tiny()
    history = finetune(model, TEXTS, TARGETS, config, device=CPU, progress=False, **kw)
    return model, history
