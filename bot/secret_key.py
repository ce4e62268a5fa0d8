"""The key that signs the browser's cookie."""

import contextlib
import os
import secrets
from pathlib import Path

from bot.config import Settings
from bot.errors import ConfigError

_BYTES = 32


def cookie_key(settings: Settings) -> str:
    """The configured key, else the one kept in the data folder (made on first use, mode 0600).

    Blocks: call it before the loop runs.

    Raises:
        ConfigError: The data folder cannot be written.
    """
    configured = settings.secret.get_secret_value()
    if configured:
        return configured
    try:
        return _kept(settings.data_dir / "cookie.key")
    except OSError as error:
        raise ConfigError(f"NORTHLIGHT_DATA_DIR: {error.strerror}: {error.filename}") from error


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        _create(path, secrets.token_urlsafe(_BYTES))
    return path.read_text(encoding="ascii").strip()


def _create(path: Path, key: str) -> None:
    """Write a complete file or none: two studios starting together must end with one key."""
    draft = path.with_suffix(f".{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(key + "\n")
        path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
