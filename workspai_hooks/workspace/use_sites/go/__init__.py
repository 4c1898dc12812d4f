"""Go and its templates: source to the neutral tree, what generators make of names, what libraries do."""
