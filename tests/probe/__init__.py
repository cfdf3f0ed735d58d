"""Probes another version of NautilusTrader: which names are gone, and do the pure tests pass."""
