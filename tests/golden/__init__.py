"""Recorded results of whole runs: what a change of the structure must leave as it is."""
