"""The conversation, without I/O: what was said, what is meant, what happens next."""
