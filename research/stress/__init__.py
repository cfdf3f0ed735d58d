"""Stress tests of the trades of runs: costs, clock, streaks, drawdowns, chance and capital."""
