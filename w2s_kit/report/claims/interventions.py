"""Which intervention helps in which domain: the last claim of notebook 07, and the table behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pandas as pd

from .bootstrapping import CHAINS, by_way
from .chess_and_rewards import CHESS, FAIR, PREFERENCE
from .language import widest
from .ledger import PGR, Tables, Verdict, claim, judge
from .pairs import NLP, above_chance, by_pair, clear, pair_tables, pgr
from .reading import REACTIONS, by_reading
from .resampled import NotMeasured, median

METHODS = pair_tables("methods")
INTERVENTIONS = {"confidence": "confidence", "bootstrap": "bootstrap", "generative": FAIR}
DOMAINS = {"language": METHODS, "chess": CHESS, "reward modelling": PREFERENCE}
#: What Burns et al. 2023 report. Numbers are gains in PGR, read off Fig. 4, 5 and 10; words stand for what
#: summaries of the paper say without a number.
PAPER = {
    ("confidence", "language"): "+0.55",
    ("confidence", "chess"): "no gain",
    ("confidence", "reward modelling"): "no gain",
    ("bootstrap", "language"): "little",
    ("bootstrap", "chess"): "up to +0.25",
    ("bootstrap", "reward modelling"): "no gain",
    ("generative", "reward modelling"): "+0.10 to +0.20",
}


@dataclass(frozen=True)
class Regime:
    """Where an intervention is measured in a domain.

    Fields:

        words    in a few words, for the table
        pairs    the pairs of the tables, and the name of their column with the intervention
    """

    words: str
    pairs: Callable[[Tables], tuple[pd.DataFrame, str]]


def regime(method: str, domain: str) -> Regime:
    """Where an intervention is measured in a domain: where its effect appears, if one is known."""
    if (method, domain) == ("confidence", "language"):
        return Regime("smallest supervisor above chance", _across_the_widest_gap)
    if (method, domain) == ("bootstrap", "chess"):
        return Regime("xs to l, taught with many puzzles", _through_two_sizes)
    if (method, domain) == ("generative", "reward modelling"):
        return Regime("m to xl, text with reactions", lambda tables: (by_reading(tables, "all"), "all"))
    return Regime("largest student", lambda tables: _largest_student(tables, method, domain))


def _across_the_widest_gap(tables: Tables) -> tuple[pd.DataFrame, str]:
    pairs = widest(above_chance(clear(by_pair(tables, "confidence", of=NLP))))
    return pairs[pairs["size"] == pairs["size"].max()], "confidence"


def _through_two_sizes(tables: Tables) -> tuple[pd.DataFrame, str]:
    return by_way(tables, "xs", "l").rename(columns={"direct": "naive"}), "s, m"


def _largest_student(tables: Tables, method: str, domain: str) -> tuple[pd.DataFrame, str]:
    pairs = by_pair(tables, INTERVENTIONS[method], of=DOMAINS[domain])
    return clear(pairs[pairs["size"] == pairs["size"].max()]), INTERVENTIONS[method]


def intervention_gains(tables: Tables) -> pd.DataFrame:
    """What each intervention adds to naive PGR in each domain, the median over tasks and supervisors.

    A row a method and domain, with the columns method, domain, regime, paper, verdict, figure, value, low and
    high. `regime` says where it was measured, and `paper` what Burns et al. report.
    """
    rows = []
    for method, domain in product(INTERVENTIONS, DOMAINS):
        where = regime(method, domain)
        try:
            pairs, name = where.pairs(tables)
            verdict = judge(pairs, lambda p: median(pgr(p, name) - pgr(p, "naive")), PGR, smallest=0.1)
        except NotMeasured as reason:
            verdict = Verdict("not measured", str(reason))
        about = {"regime": where.words, "paper": PAPER.get((method, domain), "not tried")}
        rows.append({"method": method, "domain": domain, **about, **vars(verdict)})
    return pd.DataFrame(rows)


@claim(
    "07",
    "reward modelling",
    "None of the three interventions helps in every domain.",
    "Burns et al. 2023, Section 6: no method works consistently",
    "confidence loss, bootstrapping, reading: each has a domain, of two or more, where a gain of 0.10 PGR "
    "is outside the interval; opposite: one gains in all its domains",
    reads=(*NLP, *METHODS, *CHESS, CHAINS, *PREFERENCE, REACTIONS),
    changed="Reading before reward modelling is now of text with reactions, m to xl, fixed before the seeds "
    "of that table; until then it was of answers alone, with a loss on seeds 0 to 4. The confidence loss on "
    "language is now under the smallest supervisor above chance, as in notebook 03; until then it was under "
    "s and m, on eight tasks. Bootstrapping on chess is now at the larger dose, as in notebook 05.",
)
def no_intervention_is_consistent(tables):
    gains = intervention_gains(tables)
    known = gains[gains["verdict"] != "not measured"].groupby("method", sort=False)
    if known.ngroups < len(INTERVENTIONS) or (known.size() < 2).any():
        raise NotMeasured("an intervention was measured in fewer than two domains")
    fails, works = known["high"].min() < 0.1, known["low"].min() > 0
    verdict = "opposite" if works.any() else "shows" if fails.all() else "undecided"
    figure = ", ".join(
        f"{method} gains in {(rows['verdict'] == 'shows').sum()} of {len(rows)} domains"
        for method, rows in known
    )
    return Verdict(verdict, figure, *[float(fails.sum())] * 3)
