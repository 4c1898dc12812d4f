"""The cache that machines share: what one of them has worked out of a repository, as one object in a store that
the team runs. See docs/cache.md."""
