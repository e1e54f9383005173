"""Built-in corpora, selected by name."""
