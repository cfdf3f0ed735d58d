"""Numbers from market data: no input or output, no orders."""
