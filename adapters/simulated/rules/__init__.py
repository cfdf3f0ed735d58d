"""The rules of the simulated venue, without Nautilus."""
