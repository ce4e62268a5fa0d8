"""Links to one file for a while: signed, so that nobody can guess or keep them."""

from urllib.parse import urlsplit

from msgspec import Struct

SALT = "northlight.file"
LIFE_S = 24 * 60 * 60
PATH = "/file/"


class FileLinks:
    """Makes and reads links. `public_url` is where the page is reached from outside, or ""."""

    def __init__(self, secret: str, public_url: str = "", life_s: int = LIFE_S) -> None:
        from itsdangerous import URLSafeTimedSerializer

        self._signer = URLSafeTimedSerializer(secret, salt=SALT)
        self._public_url, self._life_s = public_url.rstrip("/"), life_s

    def link(self, blob: str, name: str) -> str:
        """An address for a blob, to be saved as `name`; "" where nobody could reach it."""
        if not self._public_url:
            return ""
        return f"{self._public_url}{PATH}{self._signer.dumps([blob, name])}"

    def read(self, token: str) -> "Linked | None":
        """What a link is for; None when it is forged or its time is over."""
        from itsdangerous import BadData

        try:
            blob, name = self._signer.loads(token, max_age=self._life_s)
        except (BadData, ValueError):
            return None
        return Linked(str(blob), str(name))


class Linked(Struct, frozen=True):
    """A blob id and the name to save it under."""

    blob: str
    name: str


def no_link(blob: str, name: str) -> str:
    """For a studio that has no page."""
    return ""


def host_of(public_url: str) -> str:
    """The host name in an address, "" in none.

    >>> host_of("https://studio.example.org/northlight")
    'studio.example.org'
    """
    return urlsplit(public_url).hostname or ""


def tls_hosts_of(public_url: str) -> tuple[str, ...]:
    """The host name in an address, where that is reached over TLS.

    >>> tls_hosts_of("https://studio.example.org"), tls_hosts_of("http://studio.lan")
    (('studio.example.org',), ())
    """
    return (host_of(public_url),) if public_url.startswith("https://") else ()
