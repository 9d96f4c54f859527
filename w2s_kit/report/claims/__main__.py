"""TODO."""

from __future__ import annotations

import sys

from .scoreboard import main

sys.exit(main())
