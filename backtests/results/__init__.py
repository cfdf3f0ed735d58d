"""What a run leaves: its tables, figures, warnings and summary."""
