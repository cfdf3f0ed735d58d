"""The legs of a market of one-minute bars, their low volume nodes, and the trend of its closes."""
