"""Checks before a node is started, none of which touches the state of a node."""
