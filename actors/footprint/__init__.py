"""Footprint bars, the patterns of order flow in them, and the zones that those leave."""
