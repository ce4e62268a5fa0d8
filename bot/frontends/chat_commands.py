"""Commands are words with a slash: what each says to the conversation.

The conversation reads words only, so a command does what the same words would do.
"""

MENU = (
    "portrait", "backdrop", "cutout", "print", "cancel", "undo", "history", "help", "privacy",
    "forget",
)  # fmt: skip

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
    "undo": "undo",
}


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
    return _WORDS.get(command, f"{command} {argument}".strip())
