"""Probes that relabel or filter (EleutherAI's w2s, `--probe_relabel` and `--probe_filter`): texts that look
alike to the pretrained student should have like labels.

    z     = features of the texts in a middle layer of the student, before any finetuning
    probe = fitted to (z, weak labels)
    relabel: naive finetuning on (texts, probe(z))
    filter:  naive finetuning on the texts where |probe(z) - weak label| is smallest, with their weak labels

No ground truth is used. The probes learn from soft labels as they are, and see each example with its own
label among the others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..models.reward import RewardModel
from ..shared.names import nearest
from ..training.config import TrainConfig
from ..training.device import pick_device
from ..training.loop import History
from ..training.reading import features
from ..training.student import answers_of, language_model
from ..training.targets import check_targets
from .method import method
from .naive import naive


@method
def relabel(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    by: str = "knn",
    layer: int | None = None,
    validation=None,
    k: int = 50,
    l2: float = 0.01,
    **kw,
) -> History:
    """`by`: a name of PROBES. `layer`: see `probes.features`; None is the middle one. `k`: neighbours, of
    "knn" and "topo"; `l2`: the penalty of "logistic". Defaults are the blog post's. Labels for early stopping
    by "weak" labels come from the probe, too. Raises ValueError for a student that is no classifier of texts.
    """
    labels, seen = _checked(student, texts, weak_labels, by), middle_features(student, texts, kw, layer)
    options = {"l2": l2} if by == "logistic" else {"k": k}
    if validation is not None and config.early_stopping == "weak":
        validation = (
            validation[0],
            PROBES[by](seen, labels, middle_features(student, validation[0], kw, layer), **options),
        )
    return naive(
        student, texts, PROBES[by](seen, labels, seen, **options), config, validation=validation, **kw
    )


@method(name="filter")
def filter_labels(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    by: str = "knn",
    layer: int | None = None,
    share: float = 0.9,
    k: int = 50,
    l2: float = 0.01,
    **kw,
) -> History:
    """`share`: of the examples that stay; w2s drops a tenth. By "topo", all examples outside their label's
    component go, even if those are more. Examples for early stopping all stay. The rest is as in `relabel`.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is that of the examples which stay, above 0 and at most 1, but got {share}")
    labels = _checked(student, texts, weak_labels, by)
    rows = kept(middle_features(student, texts, kw, layer), labels, by, share, k, l2)
    return naive(student, [texts[i] for i in rows], labels[rows], config, **kw)


def kept(
    seen: np.ndarray, labels: np.ndarray, by: str, share: float = 0.9, k: int = 50, l2: float = 0.01
) -> np.ndarray:
    """The rows, in their order, on which probe and label agree most: `share` of all. Ties stay from the first
    row on.
    """
    gap = np.abs(PROBES[by](seen, labels, seen, **({"l2": l2} if by == "logistic" else {"k": k})) - labels)
    inside = largest_components(seen, labels, k) if by == "topo" else np.ones(len(seen), bool)
    order = np.argsort(np.where(inside, gap, np.inf), kind="stable")
    return np.sort(order[: min(max(1, round(share * len(seen))), inside.sum())])


def knn(seen: np.ndarray, labels: np.ndarray, asked: np.ndarray, k: int = 50) -> np.ndarray:
    """(n,): for each of the features `asked`, the mean label of the `k` nearest `seen`. Euclidean."""
    return labels[_near(seen, asked, k)].mean(axis=1)


def logistic(seen: np.ndarray, labels: np.ndarray, asked: np.ndarray, l2: float = 0.01) -> np.ndarray:
    """(n,): P(label 1) of the logistic regression with the least mean cross-entropy to the soft labels, plus
    l2 |weights|^2.
    """
    from sklearn.linear_model import LogisticRegression

    # cross-entropy to w: w times that to 1 and 1-w times that to 0. scikit-learn minimises |weights|^2 / 2 +
    # C times the sum
    rows, said, weight = (
        np.concatenate([seen, seen]),
        np.repeat([1, 0], len(seen)),
        np.concatenate([labels, 1 - labels]),
    )
    fitted = LogisticRegression(C=1 / (2 * l2 * len(seen)), max_iter=10_000).fit(
        rows, said, sample_weight=weight
    )
    return fitted.predict_proba(asked)[:, 1]


def topo(seen: np.ndarray, labels: np.ndarray, asked: np.ndarray, k: int = 50) -> np.ndarray:
    """(n,): as `knn`, with the examples of the largest components only (TopoFilter, Wu et al. 2020)."""
    inside = largest_components(seen, labels, k)
    return knn(seen[inside], labels[inside], asked, k)


def largest_components(seen: np.ndarray, labels: np.ndarray, k: int = 50) -> np.ndarray:
    """(n,), True where an example is in the largest component of its label: an arrow goes from each example
    to those of its `k` nearest others that have its label (above 0.5, or not), and from everywhere in a
    component arrows lead to everywhere in it.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    near = _near(seen, seen, k + 1)
    start, end = np.repeat(np.arange(len(seen)), near.shape[1]), near.ravel()
    arrows = csr_array((np.ones(len(end), bool), (start, end)), shape=(len(seen), len(seen)))
    inside = np.zeros(len(seen), bool)
    for rows in (np.flatnonzero(labels > 0.5), np.flatnonzero(labels <= 0.5)):
        if len(rows):
            component = connected_components(arrows[rows][:, rows], connection="strong")[1]
            inside[rows] = component == np.bincount(component).argmax()
    return inside


PROBES: dict[str, Callable[..., np.ndarray]] = {"knn": knn, "logistic": logistic, "topo": topo}


def _near(seen: np.ndarray, asked: np.ndarray, k: int) -> np.ndarray:
    """(n, k): rows of the nearest `seen`; of all, where there are fewer."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=min(k, len(seen))).fit(seen).kneighbors(asked, return_distance=False)


def _checked(student, texts, weak_labels, by: str) -> np.ndarray:
    """The weak labels, (n,)."""
    if by not in PROBES:
        raise ValueError(nearest("probe", by, PROBES))
    one_place = answers_of(student) == "two" and not isinstance(student, RewardModel)
    if not one_place or language_model(student) is None:
        raise ValueError(
            "relabel and filter are for classifiers of texts, made of a language model, which "
            f"{type(student).__name__} is not: a probe needs one place for each text, and one label"
        )
    return check_targets(weak_labels, len(texts), "weak labels").astype(float)


def middle_features(student, texts, kw: dict, layer: int | None = None) -> np.ndarray:
    """(n, width): what the student, as it is, makes of the texts in its middle `layer`. `kw`: `finetune`'s,
    of which the device counts.
    """
    middle = (student.backbone.config.num_hidden_layers + 1) // 2  # 0 would be the embeddings
    return features(
        student, texts, device=kw.get("device") or pick_device(), layer=middle if layer is None else layer
    ).astype(float)
