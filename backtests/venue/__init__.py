"""Named market assumptions of the simulated venues."""
