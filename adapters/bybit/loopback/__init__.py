"""A server on the loopback interface that speaks Bybit's v5 protocol, fed from a tape."""
