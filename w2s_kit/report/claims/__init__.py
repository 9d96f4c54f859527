"""The ledger: what the literature claims, how it could fail here, and what we measured.

A module each for the paper, for theory and for later work holds the claims; `ledger` says how they are
judged, `scoreboard` shows them.
"""

from . import later, paper, theory  # each enters its claims
from .ledger import CLAIMS, COLUMNS, VERDICTS, Claim, Verdict
from .paper import FAIR, INTERVENTIONS, intervention_gains
from .scoreboard import board, load, main, markdown, scoreboard, with_scoreboard, write

CLAIMS.sort(key=lambda claim: claim.notebook)
