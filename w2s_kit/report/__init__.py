"""What the measurements say: claims with their verdicts, pictures, explorers."""
