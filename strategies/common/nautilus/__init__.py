"""Where the trade manager meets Nautilus: configuration, orders, account, journal, strategy."""
