"""Helpers that several test folders share. Importable as `support`."""
