"""Reading a sitter's words with a vocabulary alone."""
