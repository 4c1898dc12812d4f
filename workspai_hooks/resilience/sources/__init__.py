"""Where policies are read from, a file a convention."""
