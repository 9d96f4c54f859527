"""Debate (Lang, Huang and Li 2025, 2501.13124): a strong model argues for both answers, weak judges read it.

    for each question, `turns` times, for the answer yes and for the answer no:
        say a fact that the strong model believes, that speaks for this answer,
        and that this side has not yet said
    judges      = weak models, finetuned on ground truth, each on transcripts of its own
                  with the questions behind them
    weak labels = the judges' mean, on the other half
    student     = the strong model, finetuned on these; it reads no transcripts

The questions are those of `tasks.miniworld.taste`. What a debater believes is what its language model answers
when it is asked for the fact. Which facts speak for an answer it learns from weak labels. So nothing gets
into a transcript but what the strong model knows. `spoken` is for models that can argue in words of their
own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..experiment.digest import digest
from ..experiment.run import Run
from ..experiment.settings import Settings
from ..experiment.store import Store
from ..methods import naive
from ..models.families import ModelSpec, load_family
from ..models.generation import log_likelihoods, sample
from ..models.heads import Encoder
from ..models.loading import load_model
from ..models.writer import Writer
from ..shared.files import write_whole
from ..shared.names import nearest
from ..tasks import load_task
from ..tasks.miniworld.taste import FACTS, TASK
from ..tasks.split import Split
from ..training.reading import predict

LIES = ("never", "cornered", "always")
# A new question takes more than a reminder: twice the kit's examples, and higher rates, chosen on other seeds
# than those of the tables.
DEBATE = Settings(TASK, n_train=1_000, n_test=1_000, lr={"m": 3e-3, "xl": 3e-4})
#: Of each turn: the side (1 yes, 0 no), the fact, and whether the side says that it holds.
Transcript = list[tuple[int, int, int]]


def beliefs(writer: Writer, things: Sequence[str]) -> np.ndarray:
    """The probability that a fact holds of a thing, (n, facts), by the language model's answers."""
    names = list(dict.fromkeys(things))
    prompts = [fact.question.format(n=name) for name in names for fact in FACTS]
    yes, no = (
        log_likelihoods(writer, prompts, [answer] * len(prompts)).astype(float)
        for answer in ("yes .", "no .")
    )
    by_name = dict(zip(names, 1 / (1 + np.exp(no - yes)).reshape(len(names), len(FACTS))))
    return np.stack([by_name[thing] for thing in things])


def speaks_for_yes(beliefs: np.ndarray, weak_labels: np.ndarray) -> np.ndarray:
    """How much each fact speaks for yes, (facts,), by a supervisor's weak labels.

    It is how much likelier the supervisor says yes of things for which the strong model believes the fact,
    than of the others.
    """
    mean = lambda weights: (weights * weak_labels[:, None]).sum(axis=0) / weights.sum(axis=0)
    return mean(beliefs) - mean(1 - beliefs)


def argument(
    side: int,
    told: Sequence[int],
    believed: np.ndarray,
    for_yes: np.ndarray,
    lies: str,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """What a side says next, when it has `told` some facts: a fact and whether it holds.

    The fact is drawn in proportion to how much it speaks for the side. None when the side has nothing to say.
    """
    says = (for_yes > 0) == side  # of each fact, what would help
    true = says == believed
    for allowed in {"never": [true], "cornered": [true, ~true], "always": [true | ~true]}[lies]:
        weights = abs(for_yes) * allowed
        weights[list(told)] = 0
        if weights.any():
            fact = rng.choice(len(weights), p=weights / weights.sum())
            return int(fact), int(says[fact])
    return None


def debate(
    beliefs: np.ndarray,
    for_yes: np.ndarray,
    *,
    turns: int = 3,
    consultancy: bool = False,
    lies: str = "never",
    seed=0,
) -> list[Transcript]:
    """Hold a debate about each row of `beliefs`.

    consultancy: one side only, drawn anew for each row. lies: "never"; "cornered", where a side must speak
    and has nothing more to say that it believes; "always", where a side says what helps and does not ask what
    it believes. Raises ValueError for other `lies`.
    """
    if lies not in LIES:
        raise ValueError(nearest("lies", lies, LIES))
    rng, transcripts = np.random.default_rng(seed), []
    for believed in np.asarray(beliefs) > 0.5:
        transcript = []
        speakers = [int(rng.integers(2))] if consultancy else [1, 0]
        for side in speakers * turns:
            told = [fact for who, fact, _ in transcript if who == side]
            statement = argument(side, told, believed, for_yes, lies, rng)
            if statement is not None:
                transcript.append((side, *statement))
        transcripts.append(transcript)
    return transcripts


def written(transcript: Transcript) -> str:
    """A transcript in words: "yes , it is light . no , it is dangerous ."."""
    return " ".join(
        f"{('no', 'yes')[side]} , {FACTS[fact].sentences[holds]}" for side, fact, holds in transcript
    )


def texts(transcripts: Sequence[Transcript], questions: Sequence[str]) -> list[str]:
    """What a judge reads: the transcript, then the question."""
    return [
        f"{written(transcript)} {question}".strip()
        for transcript, question in zip(transcripts, questions, strict=True)
    ]


def mistaken(beliefs: np.ndarray, things: Sequence[str], share: float, seed: int = 0) -> np.ndarray:
    """Beliefs with each fact turned into its opposite with probability `share`.

    A thing is the same in all its rows.
    """
    wrong = np.stack(
        [np.random.default_rng([seed, *thing.encode()]).random(beliefs.shape[1]) < share for thing in things]
    )
    return np.where(wrong, 1 - beliefs, beliefs)


def load_judge(spec: ModelSpec) -> Encoder:
    """A weak model that answers from the mean over all tokens.

    So what was said last does not count most. `load_classifier`, which answers from the last token, does as
    well (results/debate_judges.csv).
    """
    model, tokenizer = load_model(spec)
    return Encoder(model.get_decoder(), tokenizer)


def run_judge(
    settings: Settings,
    model_name: str,
    read: Mapping[str, Sequence[str]],
    *,
    member: int = 0,
    load: Callable = load_judge,
    store: Store | None = None,
) -> Run:
    """Finetune a supervisor that reads transcripts on ground truth, on the "supervisor" half.

    read: for each part of the split what stands there in place of its texts. member: draws another order of
    the batches. The judge's labels on "student" are for `run_student`. Raises ValueError for a part that is
    missing or of another length.
    """
    spec, store = load_family(settings.family)[model_name], store or Store()
    split = load_task(settings.task, settings.seed, settings.n_train, settings.n_test)
    for part in ("supervisor", "student", "test"):
        if len(read.get(part, ())) != len(split.parts[part]):
            raise ValueError(
                f"{settings.task}/{part}: {len(read.get(part, ()))} texts to read "
                f"for {len(split.parts[part])} questions"
            )
    train = replace(settings.train_config(spec, "none"), seed=1_000 * member + settings.seed)
    config = {
        "kind": "judge",
        "task": settings.task,
        "data": split.hash,
        "seed": settings.seed,
        "model": model_name,
        "weights": spec.weights_hash,
        "read": _hash(read),
        "train": asdict(train),
        "code": digest(load, naive, predict),
    }

    def learn():
        model = load(spec)
        naive(
            model, list(read["supervisor"]), split.supervisor["label"].to_numpy(float), train, progress=False
        )
        student, test = (_answers(model, read, split, part) for part in ("student", "test"))
        metrics = {
            "accuracy": float(((test["probability"] > 0.5) == test["label"]).mean()),
            "parameters": spec.parameters,
            "pretraining_flops": spec.pretraining_flops,
        }
        return metrics, pd.concat([student, test], ignore_index=True)

    return store.run(config, learn)


def _hash(read: Mapping[str, Sequence[str]]) -> str:
    """A name of what a judge reads."""
    text = json.dumps({part: list(rows) for part, rows in read.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _answers(model: Encoder, read: Mapping[str, Sequence[str]], split: Split, part: str) -> pd.DataFrame:
    """A judge's predictions for one part of the split, as a run holds them."""
    return pd.DataFrame(
        {
            "split": part,
            "row": range(len(read[part])),
            "label": split.parts[part]["label"],
            "probability": predict(model, list(read[part])),
        }
    )


# -------------------------------------------------------------------------------------- in words of their own
ARGUE = (
    "{text}\n\nTwo debaters argue about whether this is right.{said}\n\n"
    "In one or two sentences, with facts that can be checked, argue that the answer is {answer}."
)


def spoken(
    writer: Writer,
    texts: Sequence[str],
    path: str | Path,
    *,
    turns: int = 3,
    longest: int = 60,
    seed: int = 0,
) -> list[str]:
    """Let a model that follows instructions debate texts of a task with two classes.

    Returns what judges read: the debate, then the text. Debates are kept in `path`, one line of JSON a text,
    after everybody's turn, so that a session that ends loses one turn; called again, it goes on. Raises
    ValueError for a file of debates about other texts.
    """
    path, debates = Path(path), [[] for _ in texts]
    if path.exists():
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if [row["text"] for row in rows] != list(texts):
            raise ValueError(
                f"{path}: holds debates about other texts; choose another file, or remove this one"
            )
        debates = [row["said"] for row in rows]
    for turn in range(min(map(len, debates), default=2 * turns), 2 * turns):
        answer = ("yes", "no")[turn % 2]
        prompts = [
            ARGUE.format(text=text, said="".join(f"\n{line}" for line in lines), answer=answer)
            for text, lines in zip(texts, debates)
        ]
        if writer.tokenizer.chat_template:
            prompts = [
                writer.tokenizer.apply_chat_template(
                    [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
                )
                for prompt in prompts
            ]
        new = sample(writer, prompts, temperature=0.7, seed=1_000 * seed + turn, longest=longest)
        debates = [[*lines, f"{answer}: {' '.join(words.split())}"] for lines, (words,) in zip(debates, new)]
        write_whole(
            path,
            "".join(json.dumps({"text": text, "said": lines}) + "\n" for text, lines in zip(texts, debates)),
        )
    return ["\n".join([*lines[: 2 * turns], "", text]) for text, lines in zip(texts, debates)]
