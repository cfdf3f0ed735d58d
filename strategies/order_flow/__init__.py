"""Market entries at patterns of order flow, routed by the regime of the market."""
