"""Sidecars beside generated stubs, and service configs, made from policies by Jinja2 templates."""
