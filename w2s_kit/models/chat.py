"""Texts as a chat model knows them: what a person said, and then the model's turn, left open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_TEXT = "\N{LEFT DOUBLE ANGLE BRACKET}text\N{RIGHT DOUBLE ANGLE BRACKET}"  # in no template


class ChatTokenizer:
    """A tokenizer that puts each text into its chat template, as a user's message.

    The assistant's turn is open at the end, so a head on the last token reads what the model is about to
    say. What the template says before and after a text stands at the ends, so it stays where a text that is
    too long loses its middle. Everything else is that of `tokenizer`. Raises ValueError for a tokenizer
    without a template, and for one whose template does not hold the message as it is.
    """

    def __init__(self, tokenizer: Any):
        name = getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__
        if not getattr(tokenizer, "chat_template", None):
            raise ValueError(
                f"chat=True, but the tokenizer of {name} has no chat template: it is no chat model; leave "
                "chat=False, or take a model that was trained to chat"
            )
        message = [{"role": "user", "content": _TEXT}]
        whole = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
        if whole.count(_TEXT) != 1:
            raise ValueError(f"chat=True, but the template of {name} does not hold a message as it is")
        self.tokenizer, (self.before, self.after) = tokenizer, whole.split(_TEXT)

    def __call__(self, texts: Sequence[str], **options: Any) -> Any:
        """What the tokenizer gives for the texts in their template."""
        if options.get("return_offsets_mapping"):
            raise ValueError(
                "chat=True goes with methods that answer; one that reads or writes text, as generative "
                "finetuning, needs the text as it is: leave chat=False"
            )
        framed = [f"{self.before}{text}{self.after}" for text in texts]
        return self.tokenizer(framed, add_special_tokens=False, **options)  # the template has them

    def __getattr__(self, name: str) -> Any:
        if name == "tokenizer":  # a copy is made before it has any
            raise AttributeError(name)
        return getattr(self.tokenizer, name)
