"""What Discord's refusals mean: the way is closed, the message is too heavy, try again."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, DEAD_TOKEN, TOO_LARGE = 10008, 10015, 50027, 40005
TOO_MANY_REQUESTS, CONTENT_TOO_LARGE, SERVER_ERROR = 429, 413, 500


class NotYet(Exception):
    """Discord failed, and trying again cannot make two messages of one."""


def out_of_reach(error: discord.HTTPException) -> bool:
    """The token died, or the message is gone."""
    gone = (UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, DEAD_TOKEN)
    return error.code in gone or error.status in (401, 404)


def too_heavy(error: discord.HTTPException) -> bool:
    """The files are larger than Discord takes here."""
    return error.status == CONTENT_TOO_LARGE or error.code == TOO_LARGE


def passing(error: Exception) -> bool:
    """Whether it certainly did not arrive, or would not arrive twice, and may be tried again."""
    if isinstance(error, NotYet | aiohttp.ClientConnectorError | discord.RateLimited):
        return True
    return isinstance(error, discord.HTTPException) and error.status == TOO_MANY_REQUESTS


def refused(error: Exception) -> bool:
    """Discord said no: not allowed, gone, or nothing it takes."""
    return isinstance(error, discord.HTTPException) and 400 <= error.status < SERVER_ERROR


@contextmanager
def retried() -> Iterator[None]:
    """For calls that are harmless to repeat (edits, messages with a nonce): failures are passing.

    Raises `NotYet` for a server's failure or a lost connection.
    """
    try:
        yield
    except discord.HTTPException as error:
        if error.status < SERVER_ERROR:
            raise
        raise NotYet(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise NotYet(type(error).__name__) from error
