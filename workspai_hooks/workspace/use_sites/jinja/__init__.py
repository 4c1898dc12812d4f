"""Jinja templates: parsed by jinja2 itself, lowered to the neutral tree."""
