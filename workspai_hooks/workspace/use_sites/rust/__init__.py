"""Rust: prost and tonic."""
