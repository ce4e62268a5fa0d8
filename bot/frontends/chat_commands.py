"""Commands are words with a slash: what each says to the conversation.

The conversation reads words only, so a command does what the same words would do.
"""

MENU = ("portrait", "backdrop", "cancel", "undo", "history", "help", "privacy", "forget")

_WORDS = {
    "backdrop": "change the backdrop",
    "cancel": "cancel",
    "forget": "forget me",
    "help": "help",
    "history": "history",
    "portrait": "a new portrait",
    "privacy": "privacy",
    "undo": "undo",
}


def words_of(command: str, argument: str = "") -> str:
    """The words a command stands for; an unknown command is its own name.

    >>> words_of("cancel"), words_of("portrait", "a man in his 40s")
    ('cancel', 'a man in his 40s')
    >>> words_of("backdrop", "blue")
    'blue backdrop behind me'
    """
    argument = argument.strip()
    if argument and command == "portrait":
        return argument
    if argument and command == "backdrop":
        return f"{argument} backdrop behind me"
    return _WORDS.get(command, f"{command} {argument}".strip())
