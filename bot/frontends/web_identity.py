"""Who a browser is: a random id in a signed cookie. No names, no passwords."""

import hashlib
import secrets

from itsdangerous import BadSignature, Signer
from starlette.requests import HTTPConnection

MAX_AGE_S = 400 * 24 * 3600  # the longest browsers keep a cookie (RFC 6265bis)


class Identities:
    """Reads and writes the identity cookie, signed with the studio's secret.

    The cookie's name depends on the secret: cookies ignore ports, so two studios on one machine
    would otherwise overwrite each other's.
    """

    def __init__(self, secret: str, tls_hosts: tuple[str, ...] = ()) -> None:
        """`tls_hosts` are names that are reached over TLS, ended before it comes here."""
        self._tls_hosts = tls_hosts
        self._signer = Signer(secret, salt="northlight.web", digest_method=hashlib.sha256)
        self.cookie = f"northlight_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"

    def known(self, connection: HTTPConnection) -> str | None:
        """The person ("web:…") whose valid cookie came with this request, else None."""
        try:
            found = self._signer.unsign(connection.cookies.get(self.cookie, "")).decode()
        except (BadSignature, UnicodeError):
            return None
        return found if found.startswith("web:") else None

    def new(self) -> str:
        """A person nobody has met yet: 128 random bits."""
        return f"web:{secrets.token_urlsafe(16)}"

    def set_cookie(self, person: str, connection: HTTPConnection) -> str:
        """The Set-Cookie header's value that makes this browser come back as `person`."""
        value, url = self._signer.sign(person).decode(), connection.url
        secure = url.scheme in ("https", "wss") or url.hostname in self._tls_hosts
        flags = "HttpOnly; SameSite=Strict; Path=/" + ("; Secure" if secure else "")
        return f"{self.cookie}={value}; Max-Age={MAX_AGE_S}; {flags}"


def may_introduce(connection: HTTPConnection) -> bool:
    """Whether a missing cookie means a new browser.

    SameSite=Strict keeps the cookie at home when a link on another site leads here; handing out a
    new one then would throw the person's sessions away.
    """
    return connection.headers.get("sec-fetch-site") != "cross-site"


def fingerprint(person: str) -> str:
    """An opaque short name the page may know, since it cannot read its own cookie."""
    return hashlib.sha256(person.encode()).hexdigest()[:12]
