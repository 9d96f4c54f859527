"""Golden numbers: what small runs of every method, kind of task and stopping rule gave before a change.

    python tests/golden.py --write      # before the change: runs/golden.json, to the bit; it is not committed
    python tests/golden.py --compare    # after it, on the same machine: exit 1 where one bit differs
    python tests/golden.py --renew      # where numbers are meant to change: tests/golden.json

Each takes a minute on one core. `test_golden.py` compares with tests/golden.json, which has seven digits, and
allows 1e-5: processors differ in the last digits.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import platform
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from w2s_kit.course.notebooks import KERNEL_ENV
from w2s_kit.methods.losses import get_loss

if __name__ == "__main__":
    os.environ.update(KERNEL_ENV)  # one thread, on the CPU; read when NumPy and PyTorch are imported

import chess
import numpy as np
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import WordLevel
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
from transformers.utils import logging

from w2s_kit.experiment.result import Result
from w2s_kit.experiment.run import Run
from w2s_kit.experiment.settings import CHESS, PREFERENCE, Settings
from w2s_kit.experiment.stages import (
    run_ground_truth,
    run_labels,
    run_stopped,
    run_student,
    run_zero_shot,
    three_stages,
)
from w2s_kit.experiment.store import Store
from w2s_kit.inside.probes import fit_ccs, fit_probe, main_difference, mean_difference
from w2s_kit.models.families import load_family
from w2s_kit.models.generation import log_likelihoods, sample, write
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel, rewards
from w2s_kit.models.writer import Writer
from w2s_kit.shared.files import write_whole
from w2s_kit.tasks import load_task, task_names
from w2s_kit.tasks.chess import Puzzle, write_text
from w2s_kit.tasks.miniworld.paraphrase import queries
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.tasks.supervisors import specialists
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import features

ROOT = Path(__file__).resolve().parents[1]
COMMITTED, EXACT = ROOT / "tests/golden.json", ROOT / "runs/golden.json"
Numbers = dict[str, list]  # what a case gave: lists of numbers or texts, by what they are


# ------------------------------------------------------------------------------------------ cases
def own(model, texts, weak_labels, config, *, loss: str = "naive", loop: dict, **kw):
    """A user's own method: any loss of the kit, and what `Settings` does not reach of the training loop."""
    return finetune(model, texts, weak_labels, replace(config, **loop), loss=get_loss(loss), **kw)


@dataclass(frozen=True)
class Case:
    """A run of the student, or what else `kind` says, of the `models` supervisor and student."""

    settings: Settings
    method: str = "naive"
    options: dict = field(default_factory=dict)
    kind: str = "student"
    models: tuple[str, str] = ("s", "m")


SMALL = dict(n_train=70, n_test=50, batch_size=16)  # five steps an epoch
CLASSES, PAIRS = Settings("danger", **SMALL), replace(PREFERENCE, **SMALL)
# Some weights of a chess policy have a gradient of 0 but for rounding, and Adam makes whole steps of that. At
# their own rates, processors would differ by 1e-4.
MOVES = replace(CHESS, **SMALL, epochs=1, lr=2e-5)
HUB = Settings("danger", **SMALL, lr={"small": 1e-2, "large": 3e-3})  # with models of `new_store`
GPT, BERT, WRITING = (replace(HUB, family=f"{kind}/small,{kind}/large") for kind in ("gpt", "bert", "writer"))
WRITING = replace(WRITING, task="chess-text:puzzles.jsonl", hard_labels=True, constrained=True)
OWN, FRESH = ("small", "large"), replace(CLASSES, fresh=2)
READ = dict(supervisor_method="generative", ceiling_method="generative")

stopped = lambda settings, rule: replace(settings, early_stopping=rule)

METHODS: dict[str, list[dict]] = {  # of classes
    "naive": [{}],
    "confidence": [{}, dict(alpha_max=0.5, warmup=0.6)],
    "generative": [{}, dict(stage_epochs=2, ends=False)],
    "entropy": [{}, dict(weight=0.9, as_released=True)],
    "log_confidence": [{}, dict(prior=None), dict(balance=True, warmup=0)],
    "window": [{}, dict(radius=0.02)],
    "kl": [{}],
    "product": [{}, dict(alpha=0.5, beta=0.5)],
    "strong_to_strong": [{}, dict(iterations=1, loss="log_confidence")],
    "relabel": [dict(k=9), dict(by="logistic", layer=1, l2=10.0)],
    "filter": [dict(k=9), dict(by="topo", k=9), dict(by="logistic", share=0.5)],
    "reliability": [{}, dict(by="weights"), dict(by="unweighted")],
    "two_stage": [dict(threshold=0.7), dict(threshold=0.6, stages=1)],
    "adaptive": [{}, dict(trust_self=True), dict(as_released=True)],
    "co_supervision": [dict(k=9)],
    "coherence": [{}, dict(forget=True, layer=1)],
    "anchor": [{}, dict(weight=10.0)],
    "learned_weights": [dict(rounds=2)],
    "own": [
        dict(loss="logconf", loop=dict(warmup=0.3, schedule="linear", weight_decay=0.1)),
        dict(loss="logconf_as_released", loop=dict(schedule="constant", pool=1, max_grad_norm=1e9)),
    ],
}
CASES = {
    f"classes, {method} {way or ''}".strip(): Case(CLASSES, method, way)
    for method, ways in METHODS.items()
    for way in ways
}
CASES |= {
    "classes, bootstrap": Case(FRESH, "bootstrap", models=("xs", "m")),
    "classes, bootstrap through two": Case(FRESH, "bootstrap", dict(through=["s", "s"]), models=("xs", "m")),
    "classes, three stages": Case(CLASSES, kind="three_stages"),
    "classes, three stages that read": Case(CLASSES, "generative", READ, kind="three_stages"),
    "classes, hard labels": Case(replace(CLASSES, hard_labels=True), "confidence"),
    "classes, zero-shot": Case(CLASSES, kind="zero_shot"),
    "classes, labels": Case(CLASSES, kind="labels"),
    "classes, head of tokens": Case(replace(CLASSES, head="tokens")),
    "classes, window of a student that is sure": Case(replace(CLASSES, head="tokens"), "window"),
    "classes, linear probe": Case(replace(CLASSES, linear_probe=True)),
    "classes, adapters": Case(replace(CLASSES, lora=2), "generative"),
    # What these three set is in no run's key. So their options are their own, or they would find another run.
    "classes, token budget": Case(replace(CLASSES, token_budget=90), "confidence", dict(alpha_max=0.6)),
    "classes, recompute": Case(replace(CLASSES, recompute=True), "confidence", dict(alpha_max=0.4)),
    "classes, checkpoints": Case(replace(CLASSES, checkpoint_every=2), "two_stage", dict(threshold=0.65)),
    "classes, scratch": Case(CLASSES, models=("s", "m-scratch")),
    "classes, seed 1": Case(replace(CLASSES, seed=1, epochs=1)),
    "classes, dials": Case(replace(CLASSES, family="miniworld-dials"), models=("m-leak-0", "m-says-1")),
    "classes, distracted": Case(replace(CLASSES, task="distracted:edible")),
    "classes, shifted": Case(
        replace(CLASSES, task="shifted:edible?by=answer&others=0.2&student=1", n_test=52)
    ),
    "classes, sums": Case(replace(CLASSES, task="sums", family="sums"), "strong_to_strong"),
    "classes, encoder": Case(BERT, "confidence", models=OWN),
    "classes, encoder, linear probe": Case(replace(BERT, linear_probe=True), models=OWN),
    "classes, cut texts, adapters": Case(replace(GPT, lora=2), models=OWN),
    "choices, three stages": Case(MOVES, kind="three_stages"),
    **{
        f"choices, {method}": Case(replace(MOVES, hard_labels=False), method)
        for method in ("confidence", "entropy", "kl", "product", "adaptive")
    },
    "choices, bootstrap": Case(MOVES, "bootstrap", models=("xs", "m")),
    "choices, strong_to_strong": Case(MOVES, "strong_to_strong", dict(iterations=1, loss="confidence")),
    "choices, scratch": Case(replace(MOVES, lr=5e-6), models=("s", "m-scratch")),
    "choices, token budget": Case(replace(MOVES, token_budget=900), "confidence", dict(alpha_max=0.6)),
    "choices, linear probe": Case(replace(MOVES, linear_probe=True)),
    "choices, zero-shot": Case(MOVES, kind="zero_shot"),
    "pairs, three stages": Case(PAIRS, kind="three_stages"),
    "pairs, three stages that read": Case(PAIRS, "generative", READ, kind="three_stages"),
    "pairs, confidence": Case(PAIRS, "confidence"),
    "pairs, two_stage": Case(PAIRS, "two_stage"),
    "pairs, anchor": Case(PAIRS, "anchor"),
    "pairs, linear probe": Case(replace(PAIRS, linear_probe=True)),
    "pairs, adapters and token budget": Case(replace(PAIRS, lora=2, token_budget=300)),
    "writing, three stages": Case(WRITING, kind="three_stages", models=OWN),
    "writing, adapters": Case(replace(WRITING, lora=2), models=OWN),
    "writing, ceiling, any text": Case(replace(WRITING, constrained=False), kind="ceiling", models=OWN),
    "classes, strong_to_strong stopped by weak": Case(stopped(CLASSES, "weak"), "strong_to_strong"),
    "classes, relabel stopped by weak": Case(stopped(CLASSES, "weak"), "relabel", dict(k=9)),
}
APART = ("classes", replace(CLASSES, seed=6)), ("choices", MOVES), ("pairs", replace(PAIRS, seed=3))
for what, settings in APART:  # with seeds at which the rules stop at different steps, but for choices
    for kind, rule in ("student", "weak"), ("student", "ground_truth"), ("ceiling", "ground_truth"):
        CASES[f"{what}, {kind} stopped by {rule}"] = Case(stopped(settings, rule), kind=kind)
    CASES[f"{what}, student stopped by the test"] = Case(settings, kind="stopped")
NAMES = ["texts", "models", *CASES]


def compute(name: str, store: Store) -> Numbers:
    """The numbers of one case. Runs are kept in the `store`, which `new_store` made."""
    with contextlib.chdir(store.root.parent):  # a file's name draws its split, so it is the same everywhere
        if name in ("texts", "models"):
            return {"texts": _texts, "models": _models}[name]()
        found = _run(CASES[name], Store(store.root.name))
        if isinstance(found, Run):
            return _numbers(found)
        told = {key: [value] for key, value in found.row().items() if key.endswith(("accuracy", "agreement"))}
        for who in ("supervisor", "student", "ceiling"):
            told |= {f"{who}, {part}": values for part, values in _numbers(getattr(found, who)).items()}
        return told


def _run(case: Case, store: Store) -> Run | Result:
    settings, (supervisor, student), kept = case.settings, case.models, dict(store=store, progress=False)
    method, options = own if case.method == "own" else case.method, dict(case.options)
    half = load_task(settings.task, settings.seed, settings.n_train, settings.n_test).student
    rng = np.random.default_rng(0)
    if method == "reliability":  # a supervisor that is right four times of five
        truth = half["label"].to_numpy()[:, None]
        said = np.where(rng.random((len(half), 5)) < 0.8, truth, 1 - truth)
        options |= dict(queries=queries(half["text"]), answers=said)
    if method in ("co_supervision", "learned_weights"):
        said = [run_ground_truth(settings, member, **kept).probabilities("student") for member in ("m", "xs")]
        options |= dict(panel=specialists(half, *said).tolist())
    if case.kind == "zero_shot":
        return run_zero_shot(settings, student, store=store)
    if case.kind == "ceiling":
        return run_ground_truth(settings, student, "student", **kept)
    if case.kind == "stopped":
        return run_stopped(settings, supervisor, student, method, **kept, **options)
    if case.kind == "three_stages":
        return three_stages(settings, supervisor, student, method, **kept, **options)
    if case.kind == "labels":
        said = {"student": rng.random(settings.n_train), "test": rng.random(settings.n_test)}
        supervisor = run_labels(settings, "dice", said, store=store)
    return run_student(settings, supervisor, student, method, **kept, **options)


def _numbers(run: Run) -> Numbers:
    """Predictions of every part, and the way there."""
    rows = run.metrics["history"]
    watched = [column for column in ("loss", "validation_loss", "agreement") if rows and column in rows[0]]
    found = {column: [row[column] for row in rows] for column in watched}
    for part, table in run.predictions.groupby("split", sort=False):
        for column in table.columns.intersection(["probability", "answer"]):
            found[f"{part} {column}"] = table[column].tolist()
    return found


def _texts() -> Numbers:
    """A digest of every task's texts and labels: what the models of all cases are asked."""
    found, chess_tasks = {}, ("chess", "chess-easy", "chess-hard")
    for name in (*task_names(), "taste", "dialogue", "distracted:edible", *chess_tasks, "sums", "sums-easy"):
        parts = load_task(name, 0, 30, 30).parts.items()
        text = json.dumps([[part, table["text"].tolist(), table["label"].tolist()] for part, table in parts])
        found[name] = [hashlib.sha256(text.encode()).hexdigest()[:16]]
    return found


def _models() -> Numbers:
    """What models write, draw, prefer and hold before they learn a task, and what probes read there."""
    sums, dialogue, danger = (load_task(name, 0, 20, 20).test for name in ("sums", "dialogue", "danger"))
    writer, model = Writer(*load_model(load_family("sums")["s"])), load_classifier(load_family()["s"])
    judge = RewardModel(*load_model(load_family("miniworld-chat")["s"]))
    torch.nn.init.constant_(judge.head.weight, 0.1)
    prompts = [f"{text.split(' : ')[0]} :" for text in sums["text"]]
    drawn = sample(writer, prompts, 2, longest=12)
    answered = lambda word: [f"{text} {word}" for text in danger["text"]]
    no, yes = (features(model, answered(word), layer=1) for word in ("no", "yes"))
    return {
        "written": write(writer, prompts, longest=12),
        "drawn": [text for row in drawn for text in row],
        "among": write(writer, prompts, among=[["4", "x3+7 = 9", "so 6"]] * len(prompts)),
        "likelihoods": log_likelihoods(writer, prompts, [text.split()[0] for text, _ in drawn]).tolist(),
        "rewards": rewards(judge, [pair.split(SEPARATOR)[0] for pair in dialogue["text"]]).tolist(),
        "probe": fit_probe(yes, danger["label"]).predict(no).tolist(),
        "mean difference": mean_difference(yes, danger["label"])[0].tolist(),
        "main difference": np.abs(main_difference(no, yes)).tolist(),
        "ccs": fit_ccs(no, yes, steps=50)(no, yes).tolist(),
    }


# ---------------------------------------------------------------------------- what does not ship with the kit
def new_store(folder: Path) -> Store:
    """An empty store in `folder`, and beside it what a user may bring: puzzles as text, and random models."""
    write_text(_puzzles(300), folder / "puzzles.jsonl")
    words, letters, bars = load_model(load_family()["xs"])[1], _letters(), logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, width in (("small", 8), ("large", 16)):
            for kind, tokenizer, longest in ("gpt", words, 4), ("writer", letters, 99), ("bert", words, None):
                same = dict(
                    vocab_size=len(tokenizer),
                    pad_token_id=tokenizer.pad_token_id,
                    eos_token_id=tokenizer.eos_token_id,
                    bos_token_id=None,
                )
                if kind == "bert":
                    shape = dict(hidden_size=width, num_hidden_layers=2, num_attention_heads=2)
                    model = BertForMaskedLM(BertConfig(intermediate_size=2 * width, **shape, **same))
                else:
                    shape = dict(n_embd=width, n_layer=2, n_head=2, n_positions=longest)
                    model = GPT2LMHeadModel(GPT2Config(**shape, **same))
                model.save_pretrained(folder / kind / name)
                tokenizer.save_pretrained(folder / kind / name)
    if bars:
        logging.enable_progress_bar()
    return Store(folder / "runs")


def _puzzles(n: int) -> Iterator[Puzzle]:
    """Puzzles only in form: positions of random games, and any legal move for a solution."""
    rng = random.Random(0)
    for i in range(n):
        board = chess.Board()
        for _ in range(rng.randint(5, 6)):  # each of a game of its own
            board.push(rng.choice(list(board.legal_moves)))
        best, game = rng.choice(list(board.legal_moves)), tuple(move.uci() for move in board.move_stack)
        yield Puzzle(f"p{i}", board.fen(), (best.uci(),), game[-1], game=game)


def _letters() -> PreTrainedTokenizerFast:
    """A tokenizer of games, letter by letter."""
    letters = ["<pad>", "<eos>", *" .0123456789abcdefghKQRBNOx+#=-"]
    inner = Tokenizer(WordLevel({letter: i for i, letter in enumerate(letters)}, "<pad>"))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.Split("", "isolated"), decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>")


# --------------------------------------------------------------------------------------- written and compared
def compute_all() -> dict[str, Numbers]:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        return {name: compute(name, store) for name in NAMES}


def difference(found: Numbers, expected: Numbers, within: float = 0.0) -> str:
    """What differs by more than `within`; "" for nothing. Texts and whole numbers must be equal."""
    if found.keys() != expected.keys():
        return f"other parts: {sorted(found.keys() ^ expected.keys())}"
    told = []
    for part, wanted in expected.items():
        values = found[part]
        if len(values) != len(wanted):
            told.append(f"{part}: {len(values)} in place of {len(wanted)}")
        elif wanted and isinstance(wanted[0], float):
            gaps = np.abs(np.subtract(values, wanted))
            apart = ~(gaps <= within)  # NaN is apart, too
            if apart.any():
                told.append(f"{part}: {apart.sum()} of {len(gaps)} differ, by up to {gaps.max():.1e}")
        elif values != wanted:
            told.append(f"{part}: {sum(a != b for a, b in zip(values, wanted))} of {len(values)} are others")
    return "; ".join(told)


def keep(found: dict[str, Numbers], file: Path, digits: int | None) -> None:
    """As JSON with one line a list, so that two files can be compared by eye. No `digits`: all of them."""
    blocks = {"machine": {name: [value] for name, value in machine().items()}} | found
    short = lambda value: float(f"{value:.{digits}g}") if digits and isinstance(value, float) else value
    one_line = partial(json.dumps, separators=(",", ":"))
    line = lambda part, values: f"{one_line(part)}: {one_line([*map(short, values)])}"
    lines = lambda block: ",\n".join(line(*part) for part in block.items())
    text = ",\n".join(f"{one_line(name)}: {{\n{lines(block)}\n}}" for name, block in blocks.items())
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, "{\n" + text + "\n}\n")


def read(file: Path) -> tuple[dict[str, Numbers], dict]:
    """(the numbers by case, the machine that they are of)."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return found, {name: value for name, [value] in found.pop("machine").items()}


def machine() -> dict[str, str]:
    """What the last digits of a number depend on."""
    processor = f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}, {os.cpu_count()} cores"
    return {
        "processor": processor,
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


if __name__ == "__main__":
    verbatim = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=verbatim)
    one = parser.add_mutually_exclusive_group(required=True)
    for flag in ("--write", "--compare"):
        one.add_argument(flag, nargs="?", type=Path, const=EXACT, metavar="FILE")
    one.add_argument("--renew", action="store_true")
    args = parser.parse_args()
    logging.set_verbosity_error()
    expected, there = read(args.compare) if args.compare else ({}, {})
    found = compute_all()
    if args.write or args.renew:
        keep(found, args.write or COMMITTED, 7 if args.renew else None)
        print(f"{len(found)} cases are in {args.write or COMMITTED}")
        sys.exit()
    if there != machine():
        print(f"The file is of another machine, so last digits may differ.\n  {there}\n  {machine()}")
    told = {name: difference(found.get(name, {}), expected.get(name, {})) for name in {**expected, **found}}
    for name, text in told.items():
        print(f"DIFFERS {name}: {text}" if text else f"same    {name}")
    sys.exit(any(told.values()))
