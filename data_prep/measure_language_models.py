"""Measure weak to strong between language models on real text, for notebook 14.

    python data_prep/measure_language_models.py --minilm FOLDER --smollm2 FILE.gguf --gemma FILE.gguf
                                                                            # with W2S_DATA set

Supervisors are MiniLM (22M parameters, an encoder) and SmolLM2 (135M). Students are SmolLM2 and Gemma 3
(270M). How to get the three: docs/howto/real_models.md. The result is language_models.csv in
the folder --out.

On a GPU, everybody is finetuned. Without one, everybody is a head on frozen features: a linear classifier on
the mean over the tokens of a middle layer, trained with the kit's own methods. The column "way" says which.

Examples: 2,000 of a dataset, or as many as there are. Each seed deals them anew to the two halves and the
test, 7 : 7 : 6. Layer and learning rate of a head are chosen on 400 other examples, with other seeds, on
held-out tenths: of all within one standard error of the best mean, the smallest rate, then the best layer.

Resumable: what a model reads of a dataset is kept in the store, and the table grows by `--seeds`.
"""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from frozen import Head, cost, means_of_layers
from local_models import from_gguf
from measurements import here
from measuring import grow, options, save

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.learn import HELD_OUT
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS
from w2s_kit.models.families import ModelSpec, load_family
from w2s_kit.tasks import load_task
from w2s_kit.tasks.hub import DATA
from w2s_kit.tasks.nlp.table import DATASETS
from w2s_kit.tasks.split import PARTS, balanced, together
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import Device, pick_device
from w2s_kit.training.reading import predict

TASKS = (
    "sst2", "cola", "tweet-eval", "ethics-justice", "ethics-deontology", "ethics-virtue", "openbookqa", "piqa"
)  # fmt: skip
PAIRS = (("minilm", "smollm2"), ("minilm", "gemma"), ("smollm2", "gemma"))
LEARNED = ("naive", "confidence")
#: Examples of a dataset in both halves and the test together: the first of these that it has.
SIZES = (2_000, 1_600, 1_200, 800)
SHARES = (0.35, 0.35, 0.3)  # of the two halves and the test
CHOICE = 0.2  # so many other examples, as a share of those
CHOICE_SEEDS = range(1000, 1003)
RATES = (1e-3, 3e-3, 1e-2)  # of heads
FINETUNED_RATES = (1e-5, 3e-5, 1e-4, 3e-4)
EPOCHS = 10  # of heads; finetuned models have the kit's two


@dataclass(frozen=True)
class Material:
    """What heads learn from, of one dataset.

    Fields:

        pool        the examples: text, label, group
        choice      the numbers of the rows on which layers and rates are chosen
        measured    those of the others
        features    model -> layer -> (n, width)
    """

    pool: pd.DataFrame
    choice: list[int]
    measured: list[int]
    features: dict[str, dict[int, torch.Tensor]]


# ---------------------------------------------------------------------------------------- what is there
def pool(task: str) -> tuple[pd.DataFrame, int]:
    """The examples of a dataset, and how many of them are measured, from the first on. Choices see the rest.

    Where W2S_DATA has not all parts of the dataset, those that are there are dealt to all.
    """
    DATASETS[task] = here(DATASETS[task], Path(os.environ[DATA]))[0]
    for size in SIZES:
        try:
            split = load_task(task, 0, size // 2, round(CHOICE * size))
        except ValueError:
            if size == SIZES[-1]:
                raise
        else:
            parts = [split.supervisor, split.student, split.test]
            return pd.concat(parts, ignore_index=True), size
    raise AssertionError("the last size returns or raises")


def material(task: str, specs: dict[str, ModelSpec], store: Store, device: Device) -> Material:
    """The examples of a dataset, and what each model's middle layers make of them on `device`."""
    table, size = pool(task)
    texts = table["text"].tolist()
    of_texts = hashlib.sha256(repr(texts).encode()).hexdigest()[:12]
    features = {}
    for name, spec in specs.items():
        key = f"{task}-{name}-{of_texts}-{spec.weights_hash}-{device.dtype}".replace("torch.", "")
        folder = store.root / "layers" / key
        features[name] = means_of_layers(spec, texts, folder, device)
        seconds, most = cost(folder)
        print(
            f"{task}: {name} read {len(texts)} texts in {seconds:.0f} s of CPU, {most / 1e9:.1f} GB",
            flush=True,
        )
    return Material(table, [*range(size, len(table))], [*range(size)], features)


def models(args) -> dict[str, ModelSpec]:
    """The three models by name, from folders; a GGUF file becomes one."""
    named = {name: getattr(args, name) for name in ("minilm", "smollm2", "gemma")}
    folders = {
        name: from_gguf(path, args.store / "models" / name) if path.is_file() else path
        for name, path in named.items()
    }
    return {name: replace(load_family(str(folder)).specs[0], name=name) for name, folder in folders.items()}


# ---------------------------------------------------------------------------------------- heads
def learned(method: str, features: torch.Tensor, rows, targets, lr: float, seed: int) -> Head:
    """A head that learned `targets`, P(label 1), of these rows."""
    head = Head(features, rows)
    config = TrainConfig(lr=lr, epochs=EPOCHS, eval_every=EPOCHS, seed=seed)
    METHODS[method](head, [*map(str, rows)], np.asarray(targets, float), config, progress=False)
    return head


def says(head: Head, rows) -> np.ndarray:
    """P(label 1) of rows, (n,)."""
    return predict(head, [*map(str, rows)])


def accuracies(materials: dict[str, Material], model: str) -> pd.DataFrame:
    """How often a model's heads are right on held-out tenths of the examples to choose on.

    A row is one layer, rate, dataset and seed; `asked` is how many examples were held out. No example that is
    measured, and no seed, has a say.
    """
    rows = []
    for task, its in materials.items():
        labels = its.pool["label"].to_numpy()
        for seed in CHOICE_SEEDS:
            order = random.Random(f"{task}-{seed}").sample(its.choice, len(its.choice))
            held = max(1, round(HELD_OUT * len(order)))
            out, rest = order[:held], order[held:]
            for (layer, features), lr in product(its.features[model].items(), RATES):
                head = learned("naive", features, rest, labels[rest], lr, seed)
                right = np.mean((says(head, out) > 0.5) == labels[out])
                rows.append((model, layer, lr, task, seed, held, right))
    return pd.DataFrame(rows, columns=["model", "layer", "lr", "task", "seed", "asked", "accuracy"])


def choice(table: pd.DataFrame) -> tuple[int, float]:
    """Layer and rate by the kit's rule, from the `accuracies` of one model: see the first lines."""
    mean = table.groupby(["lr", "layer"])["accuracy"].mean()
    best, asked = mean.max(), table.groupby(["lr", "layer"])["asked"].sum().iloc[0]
    near = mean[mean >= best - np.sqrt(best * (1 - best) / asked)]
    lr = near.index.get_level_values("lr").min()
    return int(near.loc[lr].idxmax()), float(lr)


def dealt(its: Material, task: str, seed: int) -> dict[str, list[int]]:
    """The rows of each part: whole groups in random order, and as many of each label."""
    rng = random.Random(f"{task}-{seed}")
    table = its.pool.loc[its.measured].assign(row=its.measured)
    table["together"] = together(table["group"])
    order = table["together"].unique().tolist()
    place = dict(zip(rng.sample(order, len(order)), range(len(order))))
    table = table.iloc[np.argsort(table["together"].map(place), kind="stable")]
    begins = np.arange(len(table)) - table.groupby("together").cumcount().to_numpy()
    part = np.searchsorted(np.cumsum(SHARES)[:-1] * len(table), begins, side="right")
    parts = {}
    for number, name in enumerate(PARTS):
        rows = table[part == number].assign(text=lambda own: own["row"].astype(str))
        n = 2 * int(rows["label"].value_counts().min())
        parts[name] = [int(text) for text in balanced(rows, n, f"{task}/{name}", rng)["text"]]
    return parts


def heads(task: str, seed: int, its: Material, chosen: dict[str, tuple[int, float]]) -> list[dict]:
    """The rows of one dataset and seed, by heads on frozen features."""
    labels, parts = its.pool["label"].to_numpy(), dealt(its, task, seed)
    supervisor, student, test = (parts[part] for part in PARTS)
    right = lambda head: float(np.mean((says(head, test) > 0.5) == labels[test]))

    def learn(method, model, rows, targets):
        layer, lr = chosen[model]
        return learned(method, its.features[model][layer], rows, targets, lr, seed)

    truth = lambda model, rows: learn("naive", model, rows, labels[rows])
    teachers = {model: truth(model, supervisor) for model in sorted({weak for weak, _ in PAIRS})}
    ceilings = {model: right(truth(model, student)) for model in sorted({strong for _, strong in PAIRS})}
    rows = []
    for (weak, strong), method in product(PAIRS, LEARNED):
        weak_labels = says(teachers[weak], student)
        taught = learn(method, strong, student, weak_labels)
        rows.append(
            {
                "task": task,
                "supervisor": weak,
                "student": strong,
                "method": method,
                "seed": seed,
                "way": "heads on frozen features",
                "n_train": len(student),
                "n_test": len(test),
                "supervisor_accuracy": right(teachers[weak]),
                "student_accuracy": right(taught),
                "ceiling_accuracy": ceilings[strong],
                "label_accuracy": float(np.mean((weak_labels > 0.5) == labels[student])),
            }
        )
    return rows


def by_heads(args, specs: dict[str, ModelSpec], store: Store) -> None:
    """The table by heads on frozen features."""
    device = pick_device()
    if args.bfloat16:
        device = replace(device, dtype=torch.bfloat16, why="as asked")
    materials = {task: material(task, specs, store, device) for task in args.tasks}
    if args.read_only:
        return
    chosen = {}
    which = hashlib.sha256(repr((sorted(args.tasks), RATES, [*CHOICE_SEEDS])).encode()).hexdigest()[:8]
    for model in specs:
        file = store.root / "layers" / f"choice-{model}-{which}.csv"
        if not file.exists():
            save(accuracies(materials, model), file)
        table = pd.read_csv(file)
        layer, lr = chosen[model] = choice(table)
        shown = table.pivot_table(index="layer", columns="lr", values="accuracy")
        print(f"{model}: layer {layer}, rate {lr:g}, of\n{shown.round(3).to_string()}", flush=True)
    measure = lambda missing, seed: pd.DataFrame(
        [row for task in missing for row in heads(task, seed, materials[task], chosen)]
    )
    grow(args.out / "language_models.csv", args, args.tasks, measure)


# ---------------------------------------------------------------------------------------- finetuned
def by_finetuning(args, specs: dict[str, ModelSpec], store: Store) -> None:
    """The table by finetuning all weights, for a GPU; rates are chosen as `choose` does."""
    family = ",".join(spec.path for spec in specs.values())
    names = {name: Path(spec.path).name for name, spec in specs.items()}
    settings = {}
    for task in args.tasks:
        size = pool(task)[1]
        settings[task] = Settings(task, n_train=round(SHARES[0] * size), n_test=round(SHARES[2] * size))
        settings[task] = replace(settings[task], family=family)
    rates = {names[name]: _finetuned_rate(names[name], settings, store) for name in specs}
    print(f"rates: {rates}", flush=True)

    def measure(missing: list[str], seed: int) -> pd.DataFrame:
        tables = []
        for task, (weak, strong) in product(missing, PAIRS):
            its = replace(settings[task], lr=rates)
            table = grid([task], [names[weak]], [names[strong]], LEARNED, [seed], its, store)
            told = dict(way="finetuned", n_train=its.n_train, n_test=its.n_test)
            tables.append(table.assign(supervisor=weak, student=strong, **told))
        return pd.concat(tables)[COLUMNS]

    grow(args.out / "language_models.csv", args, args.tasks, measure)


def _finetuned_rate(model: str, settings: dict[str, Settings], store: Store) -> float:
    rows, asked = [], 0
    for (task, its), lr, seed in product(settings.items(), FINETUNED_RATES, CHOICE_SEEDS[:2]):
        watched = replace(its, seed=seed, lr=lr, early_stopping="ground_truth")  # holds a tenth out
        history = run_ground_truth(watched, model, store=store, progress=False).metrics["history"]
        rows.append((lr, history[-1]["agreement"]))
        asked += round(HELD_OUT * its.n_train)
    mean = pd.DataFrame(rows, columns=["lr", "accuracy"]).groupby("lr")["accuracy"].mean()
    best = mean.max()
    error = np.sqrt(best * (1 - best) / (asked / len(FINETUNED_RATES)))
    return float(mean.index[mean >= best - error].min())


COLUMNS = [
    "task", "supervisor", "student", "method", "seed", "way", "n_train", "n_test",
    "supervisor_accuracy", "student_accuracy", "ceiling_accuracy", "label_accuracy",
]  # fmt: skip


def main() -> None:
    parser = options(__doc__)
    parser.set_defaults(first=100)
    for name in ("minilm", "smollm2", "gemma"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="a folder, or a GGUF file")
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    parser.add_argument("--read-only", action="store_true", help="read features, and measure nothing yet")
    parser.add_argument("--bfloat16", action="store_true", help="read twice as fast, on a CPU made for it")
    parser.add_argument("--way", choices=("finetuned", "heads"))
    args = parser.parse_args()
    store = Store(args.store)
    specs = models(args)
    way = args.way or ("finetuned" if torch.cuda.is_available() else "heads")
    (by_finetuning if way == "finetuned" else by_heads)(args, specs, store)


if __name__ == "__main__":
    main()
