"""What a person may want, in one word each."""

from typing import Literal

Intent = Literal[
    "brief", "correct", "undo", "shoot", "again", "other_backdrop", "upscale", "cancel",
    "restart", "help", "ask", "smalltalk", "skip", "surprise", "privacy", "forget", "history",
    "cutout", "print", "id_photo", "truth", "own_backdrop",
    "series", "settings",
]  # fmt: skip
