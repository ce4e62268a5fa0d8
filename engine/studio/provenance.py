"""Content credentials: a C2PA signature under finished files, when a certificate is configured.

The manifest says how the picture came to be, in the words of C2PA 2 and IPTC's digital source
types. XMP is written first and the signature last, so that the signature covers the XMP too.
"""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from engine.errors import StudioFailed
from engine.studio.encode import NEWSCODES, SourceType

Kind = Literal["png", "jpeg"]

CURVES = {
    "secp256r1": b"es256",
    "secp384r1": b"es384",
    "secp521r1": b"es512",
    "ed25519": b"ed25519",
}


class Signer:
    """Signs PNG and JPEG bytes with a certificate chain and its private key, both PEM files.

    `timestamps` is the address of a timestamp authority, "" for none. Raises `StudioFailed` at
    once (c2pa_missing, c2pa_unreadable), so that a mistake is found at start and not at the first
    picture.
    """

    def __init__(
        self, certificate: Path, key: Path, timestamps: str = "", version: str = ""
    ) -> None:
        self._version = version
        self._certificate, self._key = _read(certificate), _read(key)
        self._timestamps = timestamps
        _check_chain(self._certificate)
        self._algorithm = _algorithm(self._key)
        self._signer()

    def __call__(self, data: bytes, kind: Kind, source: SourceType) -> bytes:
        """The file with its manifest. Raises `StudioFailed` (c2pa_failed)."""
        c2pa = _library()
        try:
            builder = c2pa.Builder(json.dumps(self._manifest(kind, source)))
            signed = io.BytesIO()
            builder.sign(self._signer(), f"image/{kind}", io.BytesIO(data), signed)
        except Exception as error:
            raise StudioFailed(str(error), code="c2pa_failed") from error
        return signed.getvalue()

    def _signer(self) -> Any:  # noqa: ANN401  c2pa is untyped
        c2pa = _library()
        try:
            info = c2pa.C2paSignerInfo(
                alg=self._algorithm,
                sign_cert=self._certificate,
                private_key=self._key,
                ta_url=self._timestamps.encode() or None,
            )
            return c2pa.Signer.from_info(info)
        except Exception as error:
            raise StudioFailed(str(error), code="c2pa_unreadable") from error

    def _manifest(self, kind: Kind, source: SourceType) -> dict[str, Any]:
        told = {"action": "c2pa.created", "digitalSourceType": NEWSCODES + source}
        return {
            "claim_generator_info": [{"name": "Northlight", "version": self._version or "0"}],
            "format": f"image/{kind}",
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [told]}}],
        }


def signer_from(settings: "Callable[[str], str]", version: str = "") -> Signer | None:
    """The signer that settings ask for, by `c2pa_cert`, `c2pa_key`, `c2pa_tsa`; None for none.

    Raises `StudioFailed`: c2pa_half where only one of certificate and key is named, and what
    `Signer` raises.
    """
    certificate, key = settings("c2pa_cert"), settings("c2pa_key")
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise StudioFailed("certificate and key belong together", code="c2pa_half")
    return Signer(Path(certificate), Path(key), settings("c2pa_tsa"), version)


def _library() -> Any:  # noqa: ANN401  c2pa is untyped
    try:
        import c2pa
    except ImportError as error:
        raise StudioFailed("c2pa-python is not installed", code="c2pa_missing") from error
    return c2pa


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StudioFailed(f"{path}: {error.strerror}", code="c2pa_unreadable") from error


def _check_chain(certificate: bytes) -> None:
    """The library itself reads the chain only when it signs."""
    try:
        from cryptography.x509 import load_pem_x509_certificates
    except ImportError as error:
        raise StudioFailed("cryptography is not installed", code="c2pa_missing") from error
    try:
        load_pem_x509_certificates(certificate)
    except ValueError as error:
        raise StudioFailed("no PEM certificates in the file", code="c2pa_unreadable") from error


def _algorithm(key: bytes) -> bytes:
    """C2PA's name of the algorithm a PEM key is for; RSA keys sign by RSA-PSS."""
    try:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise StudioFailed("cryptography is not installed", code="c2pa_missing") from error
    try:
        private: Any = load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise StudioFailed("the key is no plain PEM private key", code="c2pa_unreadable") from error
    if hasattr(private, "curve"):
        return CURVES.get(private.curve.name, b"es256")
    return b"ps256" if hasattr(private, "key_size") else b"ed25519"
