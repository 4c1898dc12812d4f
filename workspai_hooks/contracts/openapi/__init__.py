"""OpenAPI descriptions of a snapshot: find roots by content, follow `$ref`s, say what an operation depends
on."""
