"""Runs an operation: admit → plan → run → answer. Knows no backend, no role and no type of the graph by name."""
