"""The models of the simulated venue as Nautilus runs them."""
