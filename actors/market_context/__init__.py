"""State of the market, low volume nodes, aggressive flow, sessions and balance, by the minute."""
