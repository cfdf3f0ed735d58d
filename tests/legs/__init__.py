"""The actor of legs in a system of its own."""
