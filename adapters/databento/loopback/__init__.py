"""A loopback server that speaks the protocol of Databento's live gateway."""
