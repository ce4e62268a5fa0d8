"""Who reads the sitter's words."""
