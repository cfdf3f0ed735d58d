"""Unattended operation of nodes: schedules, digests, health, and the watchdog process."""
