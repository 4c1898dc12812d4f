"""Deadlines that code sets where it calls: a file a language, languages.py lists them."""
