"""The bot talks to people. It imports only the engine's contract."""
