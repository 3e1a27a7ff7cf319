"""Write the files that a build needs, and no others, into a folder; and name an image by them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path

from dagger_providers.images.code import files_in
from dagger_providers.images.package import wheel
from dagger_providers.images.recipes import Recipe, dockerfile
from dagger_providers.storage.faults import storage_errors

_TIME = 315_532_800
"""The first second of 1980, as in a wheel."""


def write_context(made: Recipe, folder: Path) -> None:
    """Write what an image's Dockerfile copies, each file as it lies below `Recipe.root`.

    Everyone may read the files, whoever may here, for the image's user to; all are of one time, so
    that the same files give the same layers.

    Raises:
        StorageError: A file cannot be read, or not be written.
    """
    for place, source in _files(made):
        target = folder / place
        with storage_errors(str(source)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)
    write_wheel(made, folder)
    for file in [*folder.rglob("*"), folder]:
        os.utime(file, (_TIME, _TIME))


def write_wheel(made: Recipe, folder: Path) -> bool:
    """Write a wheel of this package where an image needs one; say whether it does."""
    if made.package.source:
        with storage_errors(str(folder / made.package.wheel)):
            (folder / made.package.wheel).write_bytes(wheel())
    return bool(made.package.source)


def default_tag(made: Recipe) -> str:
    """Return the tag of an image by its content: another for other code or requirements."""
    digest = sha256(dockerfile(made).encode())
    for place, source in _files(made):
        with storage_errors(str(source)), source.open("rb") as stream:
            content = file_digest(stream, "sha256").hexdigest()
        digest.update(f"{place}\0{content}\0".encode())
    if made.package.source:
        digest.update(wheel())
    return digest.hexdigest()[:12]


def default_name(made: Recipe) -> str:
    """Return the name of an image that is given none: that of its pipeline."""
    return re.sub("[^a-z0-9]+", "-", made.name.lower()).strip("-") or "pipeline"


def _files(made: Recipe) -> Iterator[tuple[str, Path]]:
    """Yield the files of an image but the wheel, each once, with its place in the context."""
    sources = [*made.code.places.values(), *made.requirements.files]
    files = {file for source in sources for file in files_in(source)}
    for file in sorted(files):
        yield file.relative_to(made.root).as_posix(), file
