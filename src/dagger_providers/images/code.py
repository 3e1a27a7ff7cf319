"""Find the code that the containers of pipelines import, and where it lies in an image."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dagger_providers.card import Card
from dagger_providers.card.files import is_loaded_from, load_file
from dagger_providers.card.functions import LIVE_PREFIX, is_live
from dagger_providers.card.sources import modules_behind
from dagger_providers.errors import UsageError
from dagger_providers.model import DAG
from dagger_providers.planning import plan


@dataclass(frozen=True, slots=True)
class Code:
    """The project's own code.

    Attributes:
        places: Files, and whole packages, by their place in the image's folder of code.
        roots: The folders that it is imported from here.
        imported: The distributions of what else it imports, as ``name-version``.
    """

    places: Mapping[str, Path]
    roots: tuple[Path, ...]
    imported: tuple[str, ...]


def code_of(dags: Iterable[DAG], include: Iterable[str | os.PathLike[str]] = ()) -> Code:
    """Find the code of pipelines: their modules, and the project's modules that these import.

    Of a package all files are taken: code may read what lies beside it.

    Args:
        dags: The pipelines.
        include: More files and folders, which lie below a folder that code is imported from.

    Raises:
        UsageError: A function lives only in this process, two files would lie at one place, or what
            is to be included is not there.
    """
    names = {name for dag in dags for name in _modules(dag)}
    found = modules_behind(sorted(names))
    places: dict[str, Path] = {}
    roots: set[Path] = set()
    for module in found.files:
        place, source, root = _placed(module, found.files)
        _put(places, place, source)
        roots.add(root)
    for given in include:
        source = Path(given).resolve()
        if not source.exists():
            raise UsageError(f"--include {given}: there is no such file or folder")
        _put(places, _below(source, roots, str(given)), source)
    return Code(dict(sorted(places.items())), tuple(sorted(roots)), found.installed)


def files_in(source: Path) -> Iterator[Path]:
    """Yield a file, or those in a folder but what is hidden or compiled, in an order of names."""
    if source.is_file():
        yield source
        return
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(one for one in folders if one != "__pycache__" and one[0] != ".")
        for name in sorted(names):
            file = Path(folder, name)
            if name[0] != "." and not name.endswith(".pyc") and file.is_file():
                yield file


def cards_of(dag: DAG) -> Iterator[Card]:
    """Yield all cards of a pipeline, also those that run inside others."""
    for step in plan(dag).all_steps.values():
        yield step.card
        yield from step.card.every()


def _modules(dag: DAG) -> Iterator[str]:
    """Yield the modules that a pipeline's cards name."""
    references = {dag.function} if dag.function else set()
    for card in cards_of(dag):
        references |= _named(card)
    for reference in references:
        if is_live(reference):
            raise UsageError(
                f"function {reference.removeprefix(LIVE_PREFIX)} lives only in the process that "
                "defined it; define it at the top level of a module or file, for an image to have"
            )
        target = reference.partition("#")[0].rpartition(":")[0]
        is_file = target.endswith(".py")
        yield load_file(target, dag.code_root).__name__ if is_file else target


def _named(card: Card) -> set[str]:
    """Return what a card refers to: functions, their annotations, serializers of users."""
    specs = [output.serializer for output in card.outputs.values()]
    named = {spec.name for spec in specs if ":" in spec.name}
    annotated = {spec.annotation for spec in specs if spec.annotation is not None}
    return {one for one in (card.function, card.on_failure) if one} | named | annotated


def _placed(module: str, files: Mapping[str, str]) -> tuple[str, Path, Path]:
    """Return a module's place in an image, what is to lie there, and its folder of imports."""
    loaded, real = sys.modules.get(module), Path(files[module]).resolve()
    if loaded is not None and is_loaded_from(loaded, str(real)):
        return real.name, real, real.parent
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        package = files.get(".".join(parts[:depth]), "")
        if Path(package).name.startswith("__init__."):
            folder = _resolved(package).parent
            return "/".join(parts[:depth]), folder, folder.parents[depth - 1]
    file = _resolved(files[module])
    return "/".join([*parts[:-1], file.name]), file, file.parents[len(parts) - 1]


def _resolved(file: str) -> Path:
    """Return where a file really lies, under the name by which it is imported."""
    return Path(file).parent.resolve() / Path(file).name


def _put(places: dict[str, Path], place: str, source: Path) -> None:
    if places.setdefault(place, source) != source:
        raise UsageError(
            f"{places[place]} and {source} would both be {place} in the image: rename one, or "
            "build an image for each"
        )


def _below(source: Path, roots: Iterable[Path], given: str) -> str:
    for root in sorted(roots, reverse=True):
        if source.is_relative_to(root) and source != root:
            return source.relative_to(root).as_posix()
    listed = " or ".join(map(str, sorted(roots)))
    raise UsageError(f"--include {given}: it lies in no folder that code comes from ({listed})")
