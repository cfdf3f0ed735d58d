"""Orders with which a venue itself closes a position: their client order ids say why."""

# Liquidation, auto-deleveraging, and the end of a contract.
FORCED = ("LIQUIDATED", "ADL", "DELIVERED")


def forced_close(client_order_id: str) -> str | None:
    """Return why the venue sent an order itself; None for an order of anybody else."""
    reason, dash, _ = client_order_id.partition("-")
    return reason if dash and reason in FORCED else None
