"""Who remembers the sittings."""
