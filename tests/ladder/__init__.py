"""A system that holds several trades at once: a trade every few minutes, each with its own exit."""
