"""Backtests over days: a process for each range, and the state carried to the next."""
