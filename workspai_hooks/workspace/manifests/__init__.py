"""Evidence of services, one module per kind; the table is in kinds.py."""
