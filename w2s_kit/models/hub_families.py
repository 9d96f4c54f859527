"""Families of the Hugging Face hub that have a name of their own, and what each of them asks of you.

Sizes and licences are those of the models' own pages, as of November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..training.memory import GB, finetuning_bytes

#: Bytes that a T4 has for programs, of its nominal 16 GB.
T4 = 14.7 * 2**30
ADAPTERS = 0.003  #: Parameters of adapters of rank 8, as a share of the model's: no more than that.


@dataclass(frozen=True)
class HubFamily:
    """A family of the hub, smallest model first.

    Fields:

        ids         of the models
        billions    parameters of each, in billions
        licence     of the weights
        gated       you have to accept the licence on the hub, and to log in, before they can be fetched
    """

    ids: tuple[str, ...]
    billions: tuple[float, ...]
    licence: str
    gated: bool = False


#: The kit fetches what a model's owner last published; pin it by "id@revision".
FAMILIES = {
    "gpt2": HubFamily(
        tuple(f"openai-community/gpt2{size}" for size in ("", "-medium", "-large", "-xl")),
        (0.124, 0.355, 0.774, 1.56),
        "MIT",
    ),
    "pythia": HubFamily(
        tuple(f"EleutherAI/pythia-{size}" for size in ("70m", "160m", "410m", "1b", "1.4b", "2.8b")),
        (0.07, 0.162, 0.405, 1.01, 1.41, 2.78),
        "Apache 2.0",
    ),
    "qwen": HubFamily(
        tuple(f"Qwen/Qwen3-{size}-Base" for size in ("0.6B", "1.7B", "4B", "8B")),
        (0.6, 1.7, 4.0, 8.2),
        "Apache 2.0",
    ),
    "llama": HubFamily(
        tuple(f"meta-llama/Llama-3.2-{size}" for size in ("1B", "3B")),
        (1.23, 3.21),
        "Llama 3.2 Community License",
        gated=True,
    ),
    "gemma": HubFamily(
        ("google/gemma-3-270m", "google/gemma-3-1b-pt"),
        (0.27, 1.0),
        "Gemma Terms of Use",
        gated=True,
    ),
    "smollm2": HubFamily(
        tuple(f"HuggingFaceTB/SmolLM2-{size}" for size in ("135M", "360M", "1.7B")),
        (0.135, 0.362, 1.71),
        "Apache 2.0",
    ),
    "smollm3": HubFamily(  # of SmolLM3 there is one size: smaller ones are those of SmolLM2
        ("HuggingFaceTB/SmolLM2-360M", "HuggingFaceTB/SmolLM2-1.7B", "HuggingFaceTB/SmolLM3-3B-Base"),
        (0.362, 1.71, 3.08),
        "Apache 2.0",
    ),
    "olmo2": HubFamily(
        ("allenai/OLMo-2-0425-1B", "allenai/OLMo-2-1124-7B", "allenai/OLMo-2-1124-13B"),
        (1.48, 7.3, 13.7),
        "Apache 2.0",
    ),
    "bert": HubFamily(
        (
            "distilbert/distilbert-base-uncased",
            "google-bert/bert-base-uncased",
            "google-bert/bert-large-uncased",
        ),
        (0.066, 0.11, 0.335),
        "Apache 2.0",
    ),
    "modernbert": HubFamily(
        tuple(f"answerdotai/ModernBERT-{size}" for size in ("base", "large")), (0.149, 0.395), "Apache 2.0"
    ),
}


def way_on_gpu(billions: float, free: float = T4) -> str:
    """How a model of so many billions of parameters can be finetuned in `free` bytes of a GPU's memory.

    A fifth is kept for what the texts leave behind, which depends on their length and on `token_budget`.
    """
    room, parameters = 0.8 * free, billions * GB
    if finetuning_bytes(parameters) <= room:
        return "as it is"
    if finetuning_bytes(ADAPTERS * parameters, parameters) <= room:
        return "lora=8"
    if finetuning_bytes(ADAPTERS * parameters, parameters / 8) <= room:  # weights in 4 bits
        return "lora=8, quantised=True"
    return "no"


def hub_table(free: float = T4) -> pd.DataFrame:
    """A row a model: family, model, billions of parameters, licence, gated, and how it is finetuned on a GPU.

    free: bytes of memory of the GPU, those of a T4 where nothing is said.
    """
    rows = [
        {
            "family": name,
            "model": model,
            "billions": billions,
            "licence": family.licence,
            "gated": family.gated,
            "finetuned": way_on_gpu(billions, free),
        }
        for name, family in FAMILIES.items()
        for model, billions in zip(family.ids, family.billions, strict=True)
    ]
    return pd.DataFrame(rows)


def markdown() -> str:
    """The table of the how-to page, as Markdown."""
    lines = ["| family | model | billions | licence | on a T4 |", "|---|---|---|---|---|"]
    for row in hub_table().itertuples():
        licence = row.licence + (", gated" if row.gated else "")
        lines.append(f"| `{row.family}` | {row.model} | {row.billions:g} | {licence} | {row.finetuned} |")
    return "\n".join(lines)
