"""Hybrid search through HTTP: latency, processor time, and what filters do to recall."""
