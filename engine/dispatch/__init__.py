"""How a job reaches a studio."""
