"""Kotlin: source to the neutral tree, and its dialect of what the JVM languages share."""
