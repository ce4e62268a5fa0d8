"""Content credentials: what is signed validates, what is changed afterwards does not."""

import datetime
import io
import json
from pathlib import Path
from typing import Literal

import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from engine.errors import StudioFailed
from engine.studio.encode import source_type_of, to_jpeg, to_png
from engine.studio.provenance import Signer, signer_from

RGB = np.random.default_rng(1).integers(0, 255, (60, 40, 3)).astype(np.uint8)
Kind = Literal["png", "jpeg"]


def name(common: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, "A studio"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def certificate(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """Valid for a year; an authority signs others, a signer signs documents."""
    authority, now = subject == issuer, datetime.datetime.now(datetime.UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                **usage,
            ),
            True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
    )
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(purpose, False)
    return made.sign(by, hashes.SHA256())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate chain and its key, made here: valid, trusted by nobody."""
    folder = tmp_path_factory.mktemp("certificate")
    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pem = serialization.Encoding.PEM
    chain = (certificate("signer", "root", own, root), certificate("root", "root", root, root))
    (folder / "chain.pem").write_bytes(b"".join(c.public_bytes(pem) for c in chain))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(own.private_bytes(pem, *plain))
    return folder / "chain.pem", folder / "key.pem"


def encoded(kind: Kind) -> bytes:
    encode = {"png": to_png, "jpeg": to_jpeg}[kind]
    return encode(RGB, "algorithmicallyEnhanced")


def read(data: bytes, kind: Kind) -> dict:
    return json.loads(c2pa.Reader(f"image/{kind}", io.BytesIO(data)).json())


def faults(manifest: dict) -> set[str]:
    """What does not validate, apart from nobody trusting a home-made certificate."""
    found = {status["code"] for status in manifest.get("validation_status", [])}
    return found - {"signingCredential.untrusted"}


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_signed_file_validates_and_says_how_it_came_to_be(
    kind: Kind, files: tuple[Path, Path]
) -> None:
    data = encoded(kind)
    signed = Signer(*files, version="1.2")(data, kind, "algorithmicallyEnhanced")
    manifest = read(signed, kind)
    assert not faults(manifest)
    active = manifest["manifests"][manifest["active_manifest"]]
    assert "algorithmicallyEnhanced" in json.dumps(active["assertions"])
    assert active["claim_generator_info"][0]["name"] == "Northlight"


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_signing_changes_no_pixel_and_loses_no_tag(kind: Kind, files: tuple[Path, Path]) -> None:
    data = encoded(kind)
    signed = Signer(*files)(data, kind, "algorithmicallyEnhanced")
    before, after = (np.asarray(Image.open(io.BytesIO(d))) for d in (data, signed))
    np.testing.assert_array_equal(before, after)
    assert b"algorithmicallyEnhanced" in signed
    assert Image.open(io.BytesIO(signed)).info.get("icc_profile")


def test_one_changed_pixel_is_noticed(files: tuple[Path, Path]) -> None:
    signed = bytearray(Signer(*files)(encoded("jpeg"), "jpeg", "algorithmicallyEnhanced"))
    signed[-200] ^= 0x55
    assert faults(read(bytes(signed), "jpeg"))


def test_without_a_certificate_nothing_is_signed() -> None:
    assert signer_from(lambda name: "") is None
    assert source_type_of(encoded("png")) == "algorithmicallyEnhanced"


def test_a_certificate_without_its_key_is_named(files: tuple[Path, Path]) -> None:
    with pytest.raises(StudioFailed) as caught:
        signer_from({"c2pa_cert": str(files[0])}.get)  # type: ignore[arg-type]  # None is falsy too
    assert caught.value.code == "c2pa_half"


@pytest.mark.parametrize("broken", ["absent", "nonsense"])
def test_a_certificate_that_cannot_be_used_is_found_at_start(
    broken: str, files: tuple[Path, Path], tmp_path: Path
) -> None:
    path = tmp_path / "chain.pem"
    if broken == "nonsense":
        path.write_text("not a certificate")
    with pytest.raises(StudioFailed) as caught:
        Signer(path, files[1])
    assert caught.value.code == "c2pa_unreadable"
