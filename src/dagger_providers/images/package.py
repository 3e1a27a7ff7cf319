"""What an image installs of this package: a release, or where it is none, a wheel of itself."""

from __future__ import annotations

import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from dagger_providers.errors import UsageError
from dagger_providers.images.code import files_in

NAME = "dagger-providers"

_HERE = Path(__file__).parents[1]
_WHEEL = (
    "Wheel-Version: 1.0\nGenerator: dagger-providers\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
)


@dataclass(frozen=True, slots=True)
class Package:
    """This package as it goes into an image.

    Attributes:
        version: Its version.
        extras: The extras that are installed with it.
        source: Where it was installed from here; empty: from an index, where pip finds it again.
    """

    version: str
    extras: tuple[str, ...]
    source: str = ""

    @property
    def wheel(self) -> str:
        """The name of its wheel's file."""
        return f"dagger_providers-{self.version}-py3-none-any.whl"


def package_here(extras: Iterable[str]) -> Package:
    """Return what this process runs, with some extras.

    Raises:
        UsageError: It is on the import path only, and nothing says what it needs; or it has no such
            extra.
    """
    installed = _installed()
    wanted = tuple(sorted(set(extras)))
    known = installed.metadata.get_all("Provides-Extra") or []
    unknown = [extra for extra in wanted if extra not in known]
    if unknown:
        raise UsageError(f"{NAME} has no extra {unknown[0]!r}; there are: {', '.join(known)}")
    origin = json.loads(installed.read_text("direct_url.json") or "{}").get("url", "")
    if Path(str(installed.locate_file(_HERE.name))).resolve() != _HERE:
        origin = f"file://{_HERE.parent}"  # editable, or another on the import path before it
    return Package(installed.version, wanted, origin)


@cache
def wheel() -> bytes:
    """Return a wheel of the package that this process runs; the same bytes for the same files."""
    installed = _installed()
    info = f"dagger_providers-{installed.version}.dist-info"
    entries = {
        file.relative_to(_HERE.parent).as_posix(): file.read_bytes() for file in files_in(_HERE)
    }
    for name in ("METADATA", "entry_points.txt"):
        entries[f"{info}/{name}"] = (installed.read_text(name) or "").encode()
    entries[f"{info}/WHEEL"] = _WHEEL.encode()
    rows = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in entries.items()]
    entries[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            entry = ZipInfo(name)  # of 1980: no time of this machine
            entry.external_attr, entry.compress_type = 0o644 << 16, ZIP_DEFLATED
            archive.writestr(entry, data)
    return stream.getvalue()


def _installed() -> Distribution:
    try:
        found = distribution(NAME)
    except PackageNotFoundError:
        found = None
    if found is None or found.read_text("METADATA") is None:
        raise UsageError(f"nothing says what {_HERE} needs: pip install it, then build the image")
    return found


def _digest(data: bytes) -> str:
    return urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
