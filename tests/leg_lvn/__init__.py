"""The system of leg nodes: vectors, machine, whole runs."""
