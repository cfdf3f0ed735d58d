"""The market regime of closed bars: its inputs by the exchange's clock, and its classification."""
