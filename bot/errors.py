"""What can go wrong in the bot, and one place that turns it into a sentence's key.

NorthlightError        code
|- HistoryUnavailable  the database is locked, broken or full
|- PromptsBroken       a data file has an unknown key or a missing variable
`- ConfigError         a setting is invalid
"""

import secrets

from engine.errors import EngineError


class NorthlightError(Exception):
    """Root of the bot's errors. `code` names the sentence the user reads."""

    code = "internal"


class HistoryUnavailable(NorthlightError):
    """The database could not answer.

    Codes: history_locked, history_broken, history_newer, disk_full.
    """

    code = "history_broken"

    def __init__(self, detail: str = "", *, code: str = "history_broken") -> None:
        super().__init__(detail)
        self.code = code


class ConfigError(NorthlightError):
    """A setting is invalid; the message is one line saying which and why."""

    code = "config"


def code_of(error: BaseException) -> str:
    """The replies key for an exception; `internal` for anything unforeseen."""
    return error.code if isinstance(error, NorthlightError | EngineError) else "internal"


def new_error_id() -> str:
    """A short id that stands both in the apology and in the log line."""
    return secrets.token_hex(3)
