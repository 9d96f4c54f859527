"""Models from files: what a GGUF file holds, and the first layers of a model."""

from __future__ import annotations

from pathlib import Path

from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from w2s_kit.models.heads import is_encoder


def first_layers(folder: Path, layers: int, out: Path) -> Path:
    """A folder with a model that is the first `layers` of the one in `folder`."""
    if not (out / "config.json").exists():
        encoder = is_encoder(AutoConfig.from_pretrained(folder, trust_remote_code=False))
        auto = AutoModel if encoder else AutoModelForCausalLM
        model = auto.from_pretrained(folder, trust_remote_code=False)
        inside, name = (model.encoder, "layer") if encoder else (model.model, "layers")
        setattr(inside, name, getattr(inside, name)[:layers])
        model.config.num_hidden_layers = layers
        AutoTokenizer.from_pretrained(folder, trust_remote_code=False).save_pretrained(out)
        model.save_pretrained(out)
    return out


def from_gguf(file: Path, out: Path) -> Path:
    """A folder with the language model of a GGUF file, in 32 bits.

    A file that was quantised holds rounded weights. In 32 bits they are as they were rounded. It needs the
    package gguf.
    """
    if not (out / "config.json").exists():
        packed = dict(gguf_file=file.name)
        model = AutoModelForCausalLM.from_pretrained(file.parent, trust_remote_code=False, **packed)
        del model.config.quantization_config
        plain = type(model)(model.config)
        plain.load_state_dict(model.state_dict())
        AutoTokenizer.from_pretrained(file.parent, trust_remote_code=False, **packed).save_pretrained(out)
        plain.save_pretrained(out)
    return out
