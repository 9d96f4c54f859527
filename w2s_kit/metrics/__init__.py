"""Numbers about predictions: answers, PGR, intervals, comparison of methods. NumPy in, floats out."""
