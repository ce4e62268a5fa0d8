"""Where people meet the studio: each translates its platform into turns and replies."""
