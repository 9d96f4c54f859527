"""Files of questions with two answers, as users bring them."""

import pandas as pd
import pyarrow as pa

SIZES = {"n_train": 20, "n_test": 20}


def table(n=200, **columns):
    """Texts that all differ, with labels 0 and 1 in turn."""
    plain = {"text": [f"question {i} ?" for i in range(n)], "label": [i % 2 for i in range(n)]}
    return pd.DataFrame(plain | columns)


def saved(frame, path):
    """The name of a task for this table, written as the suffix of `path` says."""
    if path.name.endswith(".parquet"):
        frame.to_parquet(path)
    elif path.name.endswith(".jsonl"):
        frame.to_json(path, orient="records", lines=True)
    elif path.name.endswith(".json"):
        frame.to_json(path, orient="records")
    elif path.name.endswith(".zst"):
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(frame.to_csv(index=False).encode())
    else:
        frame.to_csv(path, index=False)
    return f"rows:{path}"
