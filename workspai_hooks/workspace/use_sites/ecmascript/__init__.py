"""JavaScript and TypeScript, with JSX."""
