"""What an image is made of, and the Dockerfile that says so."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dagger_providers.card.annotations import resolve
from dagger_providers.errors import UsageError
from dagger_providers.images.code import Code, cards_of, code_of
from dagger_providers.images.package import NAME, Package, package_here
from dagger_providers.images.requirements import Requirements, requirements_of
from dagger_providers.model import DAG
from dagger_providers.planning.source import Pipeline, dag_of
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.typeforms import frame_library

BASE = f"python:{sys.version_info[0]}.{sys.version_info[1]}-slim"
"""What an image starts from: the Python that the pipeline is built with."""

FOLDER = "/app"
"""Where the code lies: the working folder, in which ``file.py:name`` functions are looked for."""

USER = 65532
"""Who runs it: a number that no account of a machine has."""

_REQUIREMENTS = "/opt/requirements"
_INSTALL = (
    "python -m pip install --disable-pip-version-check --no-cache-dir --root-user-action=ignore"
)
_FRAMES = {"parquet", "csv"}
_PLAIN = re.compile(r"[\w./+@ -]+")
"""File names that mean themselves in a Dockerfile."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an image is made of.

    Attributes:
        name: What its pipelines are called: that of one; ``pipelines`` for several.
        base: The image that it starts from; it has ``python`` and pip.
        code: The project's code.
        requirements: What that needs.
        package: This package.
    """

    name: str
    base: str
    code: Code
    requirements: Requirements
    package: Package

    @property
    def root(self) -> Path:
        """The folder that all its files lie below: the Dockerfile's context."""
        folders = [*self.code.roots, *(file.parent for file in self.requirements.files)]
        folders += [self.requirements.folder] if self.requirements.folder else []
        return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def recipe(
    *pipelines: Pipeline,
    base: str = BASE,
    requirements: str | os.PathLike[str] | None = None,
    extras: Iterable[str] = (),
    include: Iterable[str | os.PathLike[str]] = (),
) -> Recipe:
    """Find out what an image needs to run the tasks of some pipelines.

    Args:
        *pipelines: Functions decorated by `dagger_providers.dag`, or models.
        base: The image to start from, with ``python`` and pip: by default that of this Python.
        requirements: A file of requirements for pip, or a ``pyproject.toml``; by default what lies
            with the code, else the versions of what the code imports here.
        extras: Extras of this package, as of the store (``s3``); those of data frames are found.
        include: More files and folders, which lie below a folder that code is imported from.

    Raises:
        UsageError: Something that is needed cannot be put into an image; the text says what.
        BuildError: A pipeline cannot be recorded.
    """
    if not pipelines:
        raise UsageError("an image needs a pipeline, or several")
    dags = [dag_of(pipeline) for pipeline in pipelines]
    code = code_of(dags, include)
    wanted = {*extras, *(extra for dag in dags for extra in _frames(dag))}
    return Recipe(
        dags[0].name if len(dags) == 1 else "pipelines",
        base,
        code,
        requirements_of(code, requirements),
        package_here(wanted),
    )


def dockerfile(*pipelines: Pipeline | Recipe, **options: Any) -> str:
    """Return the Dockerfile of an image for some pipelines; the same text for the same project.

    Its context is the folder that `Recipe.root` names, as it is, or as `write_context` writes it.

    Args:
        *pipelines: The pipelines, or their recipe.
        **options: As `recipe` takes them.

    Raises:
        UsageError: As `recipe`; or a file's name cannot stand in a Dockerfile.
    """
    match pipelines:
        case (Recipe() as made,):
            return "\n".join(_lines(made))
        case _:
            return "\n".join(_lines(recipe(*pipelines, **options)))  # type: ignore[arg-type]


def _frames(dag: DAG) -> Iterator[str]:
    """Yield the extras that the results of a pipeline's tasks need."""
    for card in cards_of(dag):
        for output in card.outputs.values():
            if output.serializer.name in _FRAMES:
                yield _library(output.serializer, dag.code_root)


def _library(spec: SerializerSpec, root: str | None) -> str:
    told = spec.option("frame")
    if told is None and spec.annotation is not None:
        told = frame_library(resolve(spec.annotation, root))
    return str(told or "pandas")


def _lines(made: Recipe) -> Iterator[str]:
    yield f"# By dagger-providers {made.package.version}; whoever runs the image gives the command."
    yield from (f"FROM {made.base}", "")
    yield "# Nobody's account, for a machine that wants a name for the number; it writes to /tmp."
    yield f"RUN echo 'pipeline:x:{USER}:{USER}::/tmp:/bin/sh' >> /etc/passwd"
    yield f"ENV HOME=/tmp PYTHONHASHSEED=0 PYTHONPATH={FOLDER} PYTHONUNBUFFERED=1"
    yield from (
        f"WORKDIR {FOLDER}",
        "ENTRYPOINT []",
        'CMD ["python", "-m", "dagger_providers", "--help"]',
    )
    yield from ("", "# What the code needs; another index comes by --build-arg PIP_INDEX_URL=...")
    yield from ("ARG PIP_INDEX_URL", "ARG PIP_EXTRA_INDEX_URL")
    yield from _installing(made)
    yield from ("", "# The code, which its user cannot change.", f"USER {USER}:{USER}")
    folders: dict[str, list[str]] = {}
    packages_first = sorted(made.code.places.items(), key=lambda item: item[1].is_file())
    for place, source in packages_first:
        target = PurePosixPath(FOLDER, place)
        at = str(target) if source.is_dir() else f"{target.parent}/"
        folders.setdefault(at, []).append(_relative(source, made.root))
    yield from (_copy(sources, at) for at, sources in folders.items())
    yield ""


def _installing(made: Recipe) -> Iterator[str]:
    wanted = made.requirements
    folders: dict[str, list[str]] = {}
    for file in sorted(wanted.files):
        source = _relative(file, made.root)
        at = f"{PurePosixPath(_REQUIREMENTS, source).parent}/"
        folders.setdefault(at, []).append(source)
    if made.package.source:
        folders.setdefault(f"{_REQUIREMENTS}/", []).append(made.package.wheel)
    yield from (_copy(sources, at) for at, sources in folders.items())
    first = wanted.files[0].relative_to(made.root).as_posix() if wanted.files else ""
    theirs = [f"-r {shlex.quote(f'{_REQUIREMENTS}/{first}')}"] if first else []
    theirs += map(shlex.quote, wanted.lines)
    ours = shlex.quote(_ours(made.package))
    if wanted.hashed:  # pip then takes nothing without a hash, and this package has none there
        yield from (_run(theirs), _run([ours]))
    else:
        yield _run([*theirs, ours])


def _ours(package: Package) -> str:
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    if package.source:
        return f"{_REQUIREMENTS}/{package.wheel}{extras}"
    return f"{NAME}{extras}=={package.version}"


def _run(words: Sequence[str]) -> str:
    return " \\\n    ".join([f"RUN {_INSTALL}", *words])


def _copy(sources: Sequence[str], at: str) -> str:
    """Return the instruction that copies files into a folder; a name with a blank needs JSON."""
    words = [*sources, at]
    if any(" " in word for word in words):
        return f"COPY {json.dumps(words)}"
    return f"COPY {' '.join(words)}"


def _relative(source: Path, root: Path) -> str:
    place = source.relative_to(root).as_posix()
    if not _PLAIN.fullmatch(place):
        raise UsageError(
            f"{place!r} cannot stand in a Dockerfile: rename it, with letters, digits and any of "
            "'_.+@-'"
        )
    return place
