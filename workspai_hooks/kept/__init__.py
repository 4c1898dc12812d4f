"""The file in which what was worked out is kept."""
