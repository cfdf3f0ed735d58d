"""The models of the simulated venue for Nautilus."""
