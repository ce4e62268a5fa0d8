"""Synchronous picture making. Everything heavy is imported where it is used."""
