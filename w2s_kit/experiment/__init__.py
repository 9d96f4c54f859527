"""The paper's experiment: settings, the three stages, grids, and the store that keeps every run."""
