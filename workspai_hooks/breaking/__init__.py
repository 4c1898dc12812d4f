"""What a change breaks: one module a contract family, each with the real tool's rows at its root."""
