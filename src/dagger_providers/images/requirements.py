"""What pip installs for the code of pipelines: their project says it, or what they import."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from dagger_providers.errors import UsageError, one_line
from dagger_providers.images.code import Code
from dagger_providers.images.package import NAME

_INCLUDES = re.compile(r"(?:-r|-c|--requirement|--constraint)[\s=]*(\S.*)")
_FOLDERS = re.compile(r"(?:-e\b|--editable\b|\.{0,2}/|\.(?:\[|$)|file:).*|[^#]*@\s*file:.*")


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the code needs beside this package.

    Attributes:
        told: What says so, for people.
        folder: Where it lies; None where the code itself says so.
        lines: Requirements that stand in the Dockerfile.
        files: Files of requirements: one, and those that it includes.
        hashed: Whether they say which bytes may be installed; pip then takes nothing without.
    """

    told: str
    folder: Path | None = None
    lines: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    hashed: bool = False


def requirements_of(code: Code, given: str | os.PathLike[str] | None = None) -> Requirements:
    """Return the requirements of a project.

    That is the file given; else the ``requirements.txt``, or the dependencies in the
    ``pyproject.toml``, that lies with the code, or above it up to the current folder; else the very
    versions of what the code imports here.

    Raises:
        UsageError: There are several, or one that an image cannot install.
    """
    if given is not None:
        return _read(Path(given).resolve())
    found = sorted({file for root in code.roots if (file := _nearest(root)) is not None})
    if len(found) > 1:
        listed = " and ".join(map(str, found))
        raise UsageError(f"the code has {listed}: choose one with --requirements FILE")
    return _read(found[0]) if found else _imported(code.imported)


def _nearest(folder: Path) -> Path | None:
    here = Path.cwd()
    above = [one for one in folder.parents if one.is_relative_to(here)]
    for one in (folder, *above):
        if (one / "requirements.txt").is_file():
            return one / "requirements.txt"
        project = one / "pyproject.toml"
        if project.is_file() and _project(project).get("name", NAME) != NAME:
            return project
    return None


def _read(file: Path) -> Requirements:
    if not file.is_file():
        raise UsageError(f"--requirements {file}: there is no such file")
    if file.suffix == ".toml":
        return Requirements(str(file), file.parent, tuple(_dependencies(file)))
    files: dict[Path, str] = {}
    _include(file, files)
    hashed = any("--hash=" in text for text in files.values())
    return Requirements(str(file), file.parent, (), tuple(files), hashed)


def _include(file: Path, files: dict[Path, str]) -> None:
    """Add a file of requirements, and those that it includes."""
    if file in files:
        return
    try:
        files[file] = text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {one_line(error)}") from error
    for line in map(str.strip, text.splitlines()):
        _check_reachable(line, file)
        if (match := _INCLUDES.match(line)) and "://" not in line:
            _include((file.parent / match[1].split(" #")[0].strip()).resolve(), files)


def _check_reachable(line: str, file: Path) -> None:
    if _FOLDERS.fullmatch(line):
        raise UsageError(
            f"{file}: {line!r} is a place on this machine, which an image cannot install; name a "
            "release or a URL, or give other --requirements"
        )


def _project(file: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {one_line(error)}") from error
    project = document.get("project")
    return project if isinstance(project, dict) else {}


def _dependencies(file: Path) -> Iterator[str]:
    project = _project(file)
    if "dependencies" in (project.get("dynamic") or ()):
        raise UsageError(
            f"{file} leaves the dependencies to its build (dynamic): list them in a file for "
            "--requirements"
        )
    for line in project.get("dependencies") or ():
        _check_reachable(str(line), file)
        yield str(line)


def _imported(names: Iterable[str]) -> Requirements:
    lines = tuple(map(_pinned, names))
    if not lines:
        return Requirements("none: the code imports nothing else")
    return Requirements("what the code imports, as it is installed here", lines=lines)


def _pinned(installed: str) -> str:
    """Return the requirement for a distribution that is installed here."""
    name, _, version = installed.rpartition("-")
    if not name:
        raise UsageError(
            f"module {installed!r} belongs to no distribution that is installed here: say with "
            "--requirements FILE where an image finds it"
        )
    try:
        origin = distribution(name).read_text("direct_url.json")
    except PackageNotFoundError:
        origin = None
    if origin is not None:
        raise UsageError(
            f"{name} {version} was installed from {json.loads(origin).get('url')}, not from an "
            "index: say with --requirements FILE where an image finds it"
        )
    return f"{name.replace('_', '-')}=={version.partition('+')[0]}"
