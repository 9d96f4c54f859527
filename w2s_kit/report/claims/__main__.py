"""`python -m w2s_kit.report.claims`: prints the scoreboard of claims."""

from __future__ import annotations

import sys

from .verdicts import main

sys.exit(main())
