"""A third system, added without a line of shared code; `docs/add_a_system.md` tells its story."""
