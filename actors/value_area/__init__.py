"""The value area of a rolling window, minute by minute."""
