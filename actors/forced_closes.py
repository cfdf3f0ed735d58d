"""Orders with which a venue closes a position: their client order ids give the reason."""

# Liquidation, auto-deleveraging, and the end of a contract.
FORCED = ("LIQUIDATED", "ADL", "DELIVERED")


def forced_close(client_order_id: str) -> str | None:
    """Return why the venue itself sent an order; None for any other order."""
    reason, dash, _ = client_order_id.partition("-")
    return reason if dash and reason in FORCED else None
