"""The actor that passes market data to a recorder."""
