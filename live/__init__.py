"""Live operation: the node, its safety checks, operator control and replays."""
