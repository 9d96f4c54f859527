"""Probes that relabel or filter weak labels (EleutherAI's w2s, `--probe_relabel` and `--probe_filter`).

Texts that look alike to the pretrained student should have like labels.

    z     = features of the texts in a middle layer of the student, before any finetuning
    probe = fitted to (z, weak labels)
    relabel: naive finetuning on (texts, probe(z))
    filter:  naive finetuning on the texts where |probe(z) - weak label| is smallest, with their weak labels

No ground truth is used. The probes learn from soft labels as they are, and see each example with its own
label among the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..models.reward import RewardModel
from ..shared.names import nearest
from ..training import reading
from ..training.config import TrainConfig
from ..training.device import pick_device
from ..training.history import History
from ..training.student import answers_of, language_model
from ..training.targets import changed, check_targets
from .naive import naive
from .value import method


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
    """The student learns from what a probe makes of the weak labels.

    by: a name of PROBES. layer: see `training.reading.features`; None is the middle one. k: neighbours, of
    "knn" and "topo". l2: the penalty of "logistic". Defaults are the blog post's. Labels for early stopping
    by "weak" labels come from the probe, too. Raises ValueError for a student that is no classifier of texts.
    """
    labels = _checked(student, texts, weak_labels, by)
    learned = middle_features(student, texts, kw, layer)
    probe = partial(PROBES[by], learned, labels, **({"l2": l2} if by == "logistic" else {"k": k}))
    if validation is not None and config.early_stopping == "weak":
        validation = validation[0], probe(middle_features(student, validation[0], kw, layer))
    found = probe(learned)
    history = naive(student, texts, found, config, validation=validation, **kw)
    history.labels = changed(labels, found)
    return history


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
    """The student learns from the examples on which a probe and the weak labels agree most.

    share: of the examples that stay; w2s drops a tenth. By "topo", all examples outside their label's
    component go, even if those are more. Examples for early stopping all stay. The rest is as in `relabel`.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is that of the examples which stay, above 0 and at most 1, but got {share}")
    labels = _checked(student, texts, weak_labels, by)
    rows = kept(middle_features(student, texts, kw, layer), labels, by, share, k, l2)
    history = naive(student, [texts[i] for i in rows], labels[rows], config, **kw)
    history.labels = changed(labels, labels, rows)
    return history


def kept(
    features: np.ndarray, labels: np.ndarray, by: str, share: float = 0.9, k: int = 50, l2: float = 0.01
) -> np.ndarray:
    """The rows on which probe and label agree most, in their order: `share` of all.

    Ties stay from the first row on.
    """
    options = {"l2": l2} if by == "logistic" else {"k": k}
    gap = np.abs(PROBES[by](features, labels, features, **options) - labels)
    inside = largest_components(features, labels, k) if by == "topo" else np.ones(len(features), bool)
    order = np.argsort(np.where(inside, gap, np.inf), kind="stable")
    return np.sort(order[: min(max(1, round(share * len(features))), inside.sum())])


# Each probe learns from the features of some texts, (m, width), and their soft labels, (m,), and gives labels
# to the features of `others`, (n, width).
def knn(features: np.ndarray, labels: np.ndarray, others: np.ndarray, k: int = 50) -> np.ndarray:
    """The mean label of the `k` nearest examples, by Euclidean distance, (n,)."""
    return labels[_nearest(features, others, k)].mean(axis=1)


def logistic(features: np.ndarray, labels: np.ndarray, others: np.ndarray, l2: float = 0.01) -> np.ndarray:
    """P(label 1) of a logistic regression, (n,).

    It has the least mean cross-entropy to the soft labels, plus l2 |weights|^2.
    """
    from sklearn.linear_model import LogisticRegression

    # Cross-entropy to w is w times that to 1 and 1-w times that to 0, so each text stands there twice.
    twice = np.concatenate([features, features])
    hard = np.repeat([1, 0], len(features))
    weight = np.concatenate([labels, 1 - labels])
    # scikit-learn minimises |weights|^2 / 2 + C times the sum
    regression = LogisticRegression(C=1 / (2 * l2 * len(features)), max_iter=10_000)
    return regression.fit(twice, hard, sample_weight=weight).predict_proba(others)[:, 1]


def topo(features: np.ndarray, labels: np.ndarray, others: np.ndarray, k: int = 50) -> np.ndarray:
    """As `knn`, with the examples of the largest components only (TopoFilter, Wu et al. 2020), (n,)."""
    inside = largest_components(features, labels, k)
    return knn(features[inside], labels[inside], others, k)


def largest_components(features: np.ndarray, labels: np.ndarray, k: int = 50) -> np.ndarray:
    """Whether an example is in the largest component of its label, (n,).

    An arrow goes from each example to those of its `k` nearest others that have its label (above 0.5, or
    not). From everywhere in a component, arrows lead to everywhere in it.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n, near = len(features), _nearest(features, features, k + 1)
    start, end = np.repeat(np.arange(n), near.shape[1]), near.ravel()
    arrows = csr_array((np.ones(len(end), bool), (start, end)), shape=(n, n))
    inside = np.zeros(n, bool)
    for rows in (np.flatnonzero(labels > 0.5), np.flatnonzero(labels <= 0.5)):
        if len(rows):
            component = connected_components(arrows[rows][:, rows], connection="strong")[1]
            inside[rows] = component == np.bincount(component).argmax()
    return inside


#: Probes by name: each gives P(label 1) of examples from the labels of others like them.
PROBES: dict[str, Callable[..., np.ndarray]] = {"knn": knn, "logistic": logistic, "topo": topo}


def _nearest(features: np.ndarray, others: np.ndarray, k: int) -> np.ndarray:
    """Rows of the nearest `features` to each of `others`, (n, k); of all, where there are fewer."""
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=min(k, len(features))).fit(features)
    return neighbours.kneighbors(others, return_distance=False)


def _checked(student, texts, weak_labels, by: str) -> np.ndarray:
    """The weak labels, (n,). Raises ValueError for what a probe cannot do."""
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
    """What the student, as it is, makes of the texts in a layer of it, (n, width).

    layer: None is the middle one. kw: the options of `finetune`, of which the device counts.
    """
    if layer is None:
        layer = (student.backbone.config.num_hidden_layers + 1) // 2  # 0 would be the embeddings
    device = kw.get("device") or pick_device()
    return reading.features(student, texts, device=device, layer=layer).astype(float)
