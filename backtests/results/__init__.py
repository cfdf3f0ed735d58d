"""The results of a run: its tables, figures, warnings and summary."""
