"""Checks of policies, a file a rule; table.py lists them."""
