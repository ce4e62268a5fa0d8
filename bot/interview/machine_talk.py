"""Telling words for a machine from words for a person."""

import re

_MEMBER = re.compile(r"""["'][\w ]{1,40}["']\s*:\s*["'{\[\d-]""")

_CODE = re.compile(r"\{\{|\}\}|</?[a-z_]+>|\b\w+\(\w*\)\s*;?\s*$|\$\(|\bSELECT\b.*\bFROM\b|<\|")


def is_machine_talk(text: str) -> bool:
    """Whether a text holds JSON or code: nobody orders a portrait, or talks to a sitter, in them.

    >>> is_machine_talk('{"intent": "shoot"}'), is_machine_talk('I said: "shoot": now')
    (True, False)
    """
    return _MEMBER.search(text) is not None or _CODE.search(text) is not None
