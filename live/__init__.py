"""Runs a system live: the node, its safety, its control, and replays through it."""
