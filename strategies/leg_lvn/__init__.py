"""Limit orders at the low volume nodes of price legs, with the trend of the closes."""
