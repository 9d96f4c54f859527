"""What later papers add: theory, arena, debate, aligner, re-ranking, vision."""
