"""Kustomizations built from git objects: what matters of `kustomize build`, with the lines of every field."""
