import sys

from .scoreboard import main

sys.exit(main())
