"""
A durable journal of what a node did: decisions, orders, fills, positions, alerts, snapshots.

`JournalActor` listens to the bus and hands rows to a thread that writes them to a database: a
SQLite file, or Postgres by its address. Where the database fails, the rows go to a file of JSON
lines beside it and are taken over once it works again. Trading never waits for any of it.

Every table has the columns `id`, `session` (one start of a node), `seq` (the place in the session),
`trader_id`, `mode`, `strategy_id`, `instrument_id`, `ts_event` and `ts_init` (ns UTC), and its own;
see `actors.journal.tables`.
"""

from actors.journal.actor import JournalActor
from actors.journal.actor import JournalActorConfig


__all__ = ("JournalActor", "JournalActorConfig")
