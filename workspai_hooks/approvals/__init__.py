"""Intended breaks: where they are written down, and which findings they cover."""
