"""The ledger: what the literature claims, how it could fail here, and what we measured.

The claims stand in a module for each part of the course. `ledger` says how claims are judged, `pairs` has
what claims compute from tables of pairs of models, and `verdicts` shows them.
"""

from . import (  # each enters its claims
    alike,
    analysis,
    arena,
    bootstrapping,
    chess_and_rewards,
    elicitation,
    interventions,
    language,
    later_knowledge,
    later_methods,
    later_studies,
    oversight,
    reading,
    real_text,
    reinforcement,
    replication,
    saliency,
    shift,
    theory,
)
from .chess_and_rewards import FAIR
from .interventions import DOMAINS, INTERVENTIONS, intervention_gains
from .ledger import CLAIMS, TABLES, VERDICTS, Claim, Table, Verdict
from .looks import COLORS, SIGNS
from .picture import claims_about_pgr, claims_board
from .verdicts import board, load, main, markdown, pages, print_claims, put, scoreboard, shipped, write

CLAIMS.sort(key=lambda claim: claim.notebook)
