"""Notebook 14's tables: measured on real texts, elsewhere; here they are checked against themselves, and
against what was asked for.
"""

import local_models
import measure_real
import numpy as np
import pandas as pd
import pytest
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.shared.files import results_folder
from w2s_kit.tasks.nlp.table import DATASETS

RESULTS = results_folder()


def test_datasets_and_seeds():
    grid, probes = (pd.read_csv(RESULTS / f"{name}.csv") for name in ("real_grid", "real_probes"))
    for table, keys in ((grid, ["task", "method"]), (probes, ["task"])):
        assert set(table["task"]) == set(measure_real.TASKS) <= set(DATASETS) and len(measure_real.TASKS) >= 8
        assert (table.groupby(keys)["seed"].nunique() >= 3).all() and not table.duplicated(
            [*keys, "seed"]
        ).any()
    one = grid.groupby(["task", "seed"])
    for column in ("supervisor_accuracy", "ceiling_accuracy"):
        assert (one[column].nunique() == 1).all(), "both methods have the same supervisor and ceiling"


def test_the_summary_is_that_of_the_grid():
    grid, summary = (
        pd.read_csv(RESULTS / "real_grid.csv"),
        pd.read_csv(RESULTS / "real_summary.csv").set_index(["task", "method"]),
    )
    means = grid.groupby(["task", "method"])[
        ["supervisor_accuracy", "student_accuracy", "ceiling_accuracy"]
    ].mean()
    pd.testing.assert_frame_equal(summary.loc[means.index, means.columns], means, atol=1e-5)
    np.testing.assert_allclose(
        summary["gap"], summary["ceiling_accuracy"] - summary["supervisor_accuracy"], atol=1e-5
    )
    assert (summary["defined"] == (summary["gap_low"] > 0)).all() and (
        summary["pgr"].isna() == ~summary["defined"]
    ).all()


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_the_first_layers_of_a_model_are_its_first_layers(tmp_path, kind):
    from tokenizers import Tokenizer, models

    shape = dict(
        vocab_size=9, hidden_size=8, num_hidden_layers=3, num_attention_heads=2, intermediate_size=16
    )
    model = (
        BertModel(BertConfig(**shape))
        if kind == "encoder"
        else LlamaForCausalLM(LlamaConfig(**shape, num_key_value_heads=2))
    )
    model.save_pretrained(tmp_path / "whole")
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({f"w{i}": i for i in range(9)}, unk_token="w0")),
        pad_token="w0",
    ).save_pretrained(tmp_path / "whole")
    short = local_models.first_layers(tmp_path / "whole", 1, tmp_path / "short")
    (spec,) = load_family(str(short))
    cut, whole = dict(load_model(spec)[0].named_parameters()), dict(model.named_parameters())
    layers = {
        name.split("layer.")[-1].split("layers.")[-1][0]
        for name in cut
        if "layer." in name or "layers." in name
    }
    assert (
        layers == {"0"}
        and all((cut[name] == whole[name]).all() for name in cut)
        and spec.parameters < sum(p.numel() for p in whole.values())
    )
