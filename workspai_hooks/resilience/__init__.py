"""Policies of operations: what they are (model.py), where they come from, what comes of them."""
