"""The cache that machines share: what is known of a repository, as one object in a store of the team's own.
See docs/cache.md."""
