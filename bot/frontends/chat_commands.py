"""Commands: what each means to the conversation, outright or as words to be read."""

from bot.core.intents import Intent

MENU = (
    "portrait", "backdrop", "series", "upscale", "cutout", "print", "cancel", "undo", "history",
    "settings", "help", "privacy", "forget",
)  # fmt: skip

_INTENTS: dict[str, Intent] = {
    "backdrop": "other_backdrop",
    "cancel": "cancel",
    "cutout": "cutout",
    "forget": "forget",
    "help": "help",
    "history": "history",
    "portrait": "restart",
    "print": "print",
    "privacy": "privacy",
    "series": "series",
    "settings": "settings",
    "undo": "undo",
    "upscale": "upscale",
}
_READ = ("portrait", "backdrop")
"""Commands whose argument is a brief, in the person's own words."""

_WORDS = {
    "backdrop": "change the backdrop",
    "cancel": "cancel",
    "cutout": "cut me out",
    "forget": "forget me",
    "help": "help",
    "history": "history",
    "portrait": "a new portrait",
    "print": "print",
    "privacy": "privacy",
    "series": "a series",
    "settings": "settings",
    "undo": "undo",
    "upscale": "upscale",
}


def intent_of(command: str, argument: str = "") -> Intent | None:
    """What a command means outright; None when its words have to be read.

    >>> intent_of("series", "4"), intent_of("portrait", "a man in his 40s"), intent_of("dance")
    ('series', None, None)
    """
    return None if argument.strip() and command in _READ else _INTENTS.get(command)


def words_of(command: str, argument: str = "") -> str:
    """The words a command stands for; an unknown command is its own name.

    >>> words_of("cancel"), words_of("portrait", "a man in his 40s")
    ('cancel', 'a man in his 40s')
    >>> words_of("backdrop", "blue")
    'blue backdrop behind me'
    >>> words_of("print", "5x7")
    'print 5x7'
    """
    argument = argument.strip()
    if argument and command == "portrait":
        return argument
    if argument and command == "backdrop":
        return f"{argument} backdrop behind me"
    if argument and command == "print":
        return f"print {argument}"
    if argument and command == "series":
        return f"a series of {argument}"
    return _WORDS.get(command, f"{command} {argument}".strip())
