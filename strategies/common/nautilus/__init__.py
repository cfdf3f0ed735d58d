"""The trade manager on Nautilus: configuration, orders, account, journal, strategy."""
