"""Make images for pipelines: write their Dockerfile, or build and push them."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagger_providers.cli.launch import say
from dagger_providers.errors import UsageError
from dagger_providers.images import Recipe, build, default_tag, dockerfile
from dagger_providers.images.builders import find_builder
from dagger_providers.images.code import files_in
from dagger_providers.images.context import default_name, write_wheel
from dagger_providers.planning.manifests import write
from dagger_providers.planning.source import check_output


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of a recipe.

    Attributes:
        refs: The REFs, for the command that is told to follow.
        tag: The image's name; with a tag, or it gets that of its content.
        file: Where to write the Dockerfile, and nothing more.
        print_: Whether to print it, and do nothing more.
        push: Whether to push the image.
        builder: What builds it; None: the first that answers.
        options: The builder's own options.
    """

    refs: Sequence[str]
    tag: str | None = None
    file: Path | None = None
    print_: bool = False
    push: bool = False
    builder: str | None = None
    options: Sequence[str] = ()


def make(made: Recipe, wanted: Wanted) -> None:
    """Write the Dockerfile, or build the image and tell its name.

    Raises:
        UsageError: What is asked for does not go together, or nothing here builds images.
        ImageError: The builder fails.
    """
    if wanted.push and (wanted.file or wanted.print_):
        raise UsageError("--push is for an image that is built: leave out -f and --print")
    if wanted.push and not wanted.tag:
        raise UsageError("--push needs --tag, whose name begins with the registry's")
    if wanted.print_:
        say(dockerfile(made))
    if wanted.file:
        _write(made, wanted, wanted.file)
    if not wanted.print_ and not wanted.file:
        _build(made, wanted)


def _write(made: Recipe, wanted: Wanted, file: Path) -> None:
    check_output(file, [*_code(made), *made.requirements.files, *map(Path, wanted.refs)])
    write(dockerfile(made), file)
    if write_wheel(made, made.root):
        _tell(f"wrote {made.root / made.package.wheel}, which the Dockerfile copies")
    say(f"image: wrote {file}")
    name, context = _name(made, wanted.tag), os.path.relpath(made.root)
    _tell(f"next: {shlex.join(['docker', 'build', '-f', str(file), '-t', name, context])}")


def _code(made: Recipe) -> Iterator[Path]:
    """Yield the code that is copied; of a package not what lies beside it, as its Dockerfile."""
    for place in made.code.places.values():
        yield from (one for one in files_in(place) if one == place or one.suffix == ".py")


def _build(made: Recipe, wanted: Wanted) -> None:
    builder, name = find_builder(wanted.builder), _name(made, wanted.tag)
    _tell(f"code: {', '.join(made.code.places)}")
    _tell(f"requirements: {made.requirements.told}")
    if made.package.source:
        _tell(f"dagger-providers is here from {made.package.source}: the image gets a wheel of it")
    _tell(f"{builder} builds {name} from {made.base}")
    built = build(
        made, name, builder=builder, options=wanted.options, push=wanted.push, log=sys.stderr
    )
    say(built.name)
    _tell(f"id: {built.identity}")
    if built.digest:
        _tell(f"pushed: {built.name}@{built.digest}")
    ref = shlex.quote(wanted.refs[0]) if len(wanted.refs) == 1 else "REF"
    _tell(f"next: dagger-providers compile {ref} --to kfp -o FILE --image {name} --store URI")


def _name(made: Recipe, tag: str | None) -> str:
    name = tag or default_name(made)
    return name if ":" in name.rpartition("/")[2] else f"{name}:{default_tag(made)}"


def _tell(text: str) -> None:
    sys.stderr.write(f"image: {text}\n")
    sys.stderr.flush()
