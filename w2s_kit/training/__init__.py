"""How a model learns: the loop, its batches, device, memory and checkpoints."""
