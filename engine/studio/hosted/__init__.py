"""Portraits by somebody else's model, over the OpenAI images API: for people without a card."""
