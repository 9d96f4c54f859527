"""A student that one GPU does not hold: its weights are dealt among several, by FSDP through Accelerate.

    accelerate launch --num_processes 2 fsdp.py        # with --cpu, to try it without a GPU

The supervisor is small. The kit trains it and keeps it as always. The student is trained by the loop below:
each process holds a part of every weight, of its gradient and of its moments. The loop has the naive loss
only. A loss that ranks a batch, as the confidence loss, would need the logits of all processes.
"""

import argparse
from functools import partial

import numpy as np
import torch
from accelerate import Accelerator, DistributedType, FullyShardedDataParallelPlugin
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from w2s_kit import Settings, Store, load_task
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.training.batches import encode, training_batches, within
from w2s_kit.training.config import learning_rate
from w2s_kit.training.losses import cross_entropy


def sharded(model, accelerator):
    """The model with the weights of each layer dealt among the processes, and its optimizer."""
    adam = partial(torch.optim.AdamW, lr=1.0, weight_decay=0.0)
    layers = set(model.backbone._no_split_modules)
    if accelerator.distributed_type == DistributedType.FSDP:
        accelerator.state.fsdp_plugin.transformer_cls_names_to_wrap = sorted(layers)
        return accelerator.prepare(model, adam(model.parameters()))
    # Accelerate deals weights among GPUs only. Without one, PyTorch's own function does what it does there.
    mesh = init_device_mesh("cpu", (accelerator.num_processes,))
    for module in model.modules():
        if type(module).__name__ in layers:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)
    return model, adam(model.parameters())


def finetune(model, optimizer, texts, targets, config, accelerator):
    """As the kit's `finetune` with the naive loss. Each process takes every so many-th row of a batch."""
    data = encode(model, texts, accelerator.device)
    goal = torch.tensor(targets, dtype=torch.float32, device=accelerator.device)
    total = round(config.epochs * -(-len(data) // config.batch_size))
    first, every = accelerator.process_index, accelerator.num_processes
    for step, batch in enumerate(training_batches(data, goal, config, 0, total)):
        mine = slice(first, None, every)
        logits = model(batch.ids[mine], batch.lengths[mine]).float()
        share = every * len(logits) / len(batch.sizes)  # FSDP takes the mean over processes
        accelerator.backward(share * cross_entropy(logits, batch.targets[mine]))
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, step, total)
        optimizer.step()
        optimizer.zero_grad()


@torch.no_grad()
def predicted(model, texts, accelerator):
    """P(label 1), (n,). Every process takes part, since each holds a part of every layer."""
    data = encode(model, texts, accelerator.device)
    order = np.argsort(data.sizes, kind="stable")
    parts = [
        model(ids, lengths).float().softmax(dim=1)[:, 1]
        for _, ids, lengths in data.batches(within(data.sizes, order, 16_384))
    ]
    result = np.empty(len(order))
    result[order] = torch.cat(parts).cpu().numpy()
    return result


def main():
    """Trains a supervisor and a student, and says how well they do."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", default="danger")
    parser.add_argument("--family", default="miniworld")
    parser.add_argument("--supervisor", default="s")
    parser.add_argument("--student", default="m")
    parser.add_argument("--n-train", type=int, default=200)
    parser.add_argument("--store", default="runs")
    parser.add_argument("--out", default="fsdp.csv", help="the student's answers")
    args = parser.parse_args()

    plugin = FullyShardedDataParallelPlugin(fsdp_version=2, auto_wrap_policy="transformer_based_wrap")
    accelerator = Accelerator(fsdp_plugin=plugin)
    settings = Settings(args.task, family=args.family, n_train=args.n_train, n_test=200)
    weak = run_ground_truth(settings, args.supervisor, store=Store(args.store), progress=False)
    split = load_task(args.task, settings.seed, settings.n_train, settings.n_test)

    spec = load_family(args.family)[args.student]
    model, optimizer = sharded(load_classifier(spec).eval(), accelerator)
    config = settings.train_config(spec, "none")
    finetune(model, optimizer, split.student["text"].tolist(), weak.weak_labels(), config, accelerator)
    answers = split.test[["text", "label"]].assign(
        p=predicted(model, split.test["text"].tolist(), accelerator)
    )
    right = (answers["p"] > 0.5) == answers["label"]
    held = sum(p.to_local().numel() if hasattr(p, "to_local") else p.numel() for p in model.parameters())
    whole = sum(p.numel() for p in model.parameters())
    if accelerator.is_main_process:
        print(f"{accelerator.num_processes} processes; this one holds {held:,} of {whole:,} weights")
        answers.to_csv(args.out, index=False)
        print(f"supervisor {weak.accuracy():.3f}, student {right.mean():.3f}")


if __name__ == "__main__":
    main()
