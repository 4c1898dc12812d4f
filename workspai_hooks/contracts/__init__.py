"""Contracts as they stand in a snapshot: found, compiled, described."""
