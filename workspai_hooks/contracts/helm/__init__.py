"""Charts, raw manifests and kustomizations: found, laid out, rendered, read into objects with their lines."""
