"""Protobuf contracts: import roots, buf configuration, images, and the schema they declare."""
