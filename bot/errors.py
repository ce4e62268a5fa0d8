"""What can go wrong in the bot, and one place that turns it into a sentence's key.

NorthlightError        code
|- HistoryUnavailable  the database is locked, broken or full
|- PromptsBroken       a data file has an unknown key or a missing variable
|- ConfigError         a setting is invalid
|- StudioClosed        nothing new is taken: the process ends, or an admin said so
`- NotAdmitted         the studio has a guest list, and this person is not on it
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


class StudioClosed(NorthlightError):
    """Nothing new is taken now. Codes: closing, draining, interrupted."""

    code = "closing"

    def __init__(self, code: str = "closing") -> None:
        super().__init__(code)
        self.code = code


class NotAdmitted(NorthlightError):
    """The studio has a guest list; `person` is the id that is not on it."""

    code = "not_admitted"

    def __init__(self, person: str) -> None:
        super().__init__(person)
        self.facts = {"person": person}


def code_of(error: BaseException) -> str:
    """The replies key for an exception; `internal` for anything unforeseen."""
    return error.code if isinstance(error, NorthlightError | EngineError) else "internal"


def new_error_id() -> str:
    """A short id that stands both in the apology and in the log line."""
    return secrets.token_hex(3)


class CannotReplay(NorthlightError):
    """A picture cannot be made again. `code` names the sentence, `facts` fill its blanks.

    Codes: replay_unknown, replay_outside, replay_source_gone, replay_not_here, replay_folder_gone,
    replay_model_missing.
    """

    def __init__(self, code: str, detail: str = "", **facts: str) -> None:
        super().__init__(detail or code)
        self.code, self.facts = code, facts
