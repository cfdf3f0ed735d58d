"""A loopback server that speaks Bybit's v5 protocol, fed from a tape."""
