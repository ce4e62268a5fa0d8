"""The one place where what went wrong becomes a sentence, and a log line with the same id."""

import logging
from collections.abc import Callable, Mapping

from bot.core.replies import Apology
from bot.errors import NotAdmitted, code_of, new_error_id
from engine.errors import EngineError, PhotoRejected

log = logging.getLogger(__name__)
EXPECTED = frozenset(
    {"only_words_and_photos", "not_admitted", "closing", "draining", "interrupted"}
)
"""As with rejected photos, nothing went wrong: the person hears what to do and reports no id."""


def apology(explain: Callable[..., str], error: BaseException, what: str = "turn") -> Apology:
    """Words for an exception; `explain(code, **facts)` is the sentence of a code, total."""
    facts = error.facts if isinstance(error, EngineError | NotAdmitted) else {}
    code = code_of(error)
    if code in EXPECTED or isinstance(error, PhotoRejected):
        log.info("%s refused: %s", what, code)
        return Apology(explain(code, error_id="", **facts), code)
    error_id = new_error_id()
    level = logging.ERROR if code == "internal" else logging.WARNING
    log.log(level, "%s failed: %s", what, code, exc_info=error, extra={"error_id": error_id})
    return Apology(explain(code, error_id=error_id, **facts), code, error_id)


def apology_for_job(
    explain: Callable[..., str], code: str, detail: str, facts: Mapping[str, object]
) -> Apology:
    """Words for a job the engine gave up; `detail` is for the log only."""
    error_id = new_error_id()
    log.error("job failed: %s %s", code, detail, extra={"error_id": error_id})
    return Apology(explain(code, error_id=error_id, **facts), code, error_id)
