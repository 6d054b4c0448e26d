"""The training loop with its callbacks and checkpoints, and tracked runs."""
