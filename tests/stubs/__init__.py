"""Sidecars run against real servers: one set of policies and scenarios, a client program a language."""
