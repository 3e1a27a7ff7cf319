"""Build and push images by the first of docker, podman and buildah that answers."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from dagger_providers.errors import ImageError, UsageError, one_line
from dagger_providers.images.context import write_context
from dagger_providers.images.recipes import Recipe, dockerfile

BUILDERS: Mapping[str, Sequence[str]] = {
    "docker": ("version", "--format", "{{.Server.Version}}"),
    "podman": ("info", "--format", "{{.Version.Version}}"),
    "buildah": ("info",),
}
"""What builds images, in the order in which they are tried; each with what it is asked first."""

_LAYERS = {"buildah": ("--layers",)}
"""What makes a builder keep layers, for the next build to begin with: the others do."""

_PATIENCE = 30
_LAST_LINES = 4
_DIGEST = re.compile(r"\bdigest: (sha256:[0-9a-f]{64})\b")


@dataclass(frozen=True, slots=True)
class Built:
    """An image that was built.

    Attributes:
        name: Its name and tag.
        builder: What built it.
        identity: Its id here, ``sha256:...``.
        digest: Its digest in the registry; empty when it was not pushed.
    """

    name: str
    builder: str
    identity: str
    digest: str = ""


def find_builder(asked: str | None = None) -> str:
    """Return the builder that is asked for, or the first that answers.

    Raises:
        UsageError: It does not work here, or none does.
    """
    problems = {}
    for name in (asked,) if asked else BUILDERS:
        problems[name] = _problem(name)
        if not problems[name]:
            return name
    listed = "; ".join(f"{name} {problem}" for name, problem in problems.items())
    raise UsageError(f"no image can be built: {listed}; -f FILE writes only the Dockerfile")


def build(
    made: Recipe,
    name: str,
    *,
    builder: str | None = None,
    options: Sequence[str] = (),
    push: bool = False,
    log: TextIO | None = None,
) -> Built:
    """Build an image, and push it if asked to.

    Args:
        made: What it is made of.
        name: Its name and tag.
        builder: One of `BUILDERS`; by default the first that answers.
        options: Options of the builder's own, such as ``--network=host``.
        push: Whether to push it to the registry that its name begins with.
        log: Where the builder's output goes, as it comes.

    Raises:
        UsageError: Nothing here builds images.
        ImageError: The builder fails; the text ends with its last lines.
    """
    builder = builder or find_builder()
    with tempfile.TemporaryDirectory(prefix="dagger-image-") as folder:
        here = Path(folder)
        context, file, identity = here / "context", here / "Dockerfile", here / "id"
        context.mkdir()
        write_context(made, context)
        file.write_text(dockerfile(made), encoding="utf-8")
        words = [builder, "build", "--file", str(file), "--tag", name, "--iidfile", str(identity)]
        _run([*words, *_LAYERS.get(builder, ()), *options, str(context)], log)
        identified = identity.read_text(encoding="utf-8").strip()
        digest = _push(builder, name, here / "digest", log) if push else ""
    prefix = "" if identified.startswith("sha256:") else "sha256:"
    return Built(name, builder, prefix + identified, digest)


def _push(builder: str, name: str, place: Path, log: TextIO | None) -> str:
    if builder == "docker":
        found = _DIGEST.findall("\n".join(_run(["docker", "push", name], log)))
        return found[-1] if found else ""
    _run([builder, "push", "--digestfile", str(place), name], log)
    return place.read_text(encoding="utf-8").strip()


def _run(words: Sequence[str], log: TextIO | None) -> Sequence[str]:
    """Run a builder, and return its last lines."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    try:
        process = subprocess.Popen(  # noqa: S603 - the builder, found on PATH
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ImageError(f"{words[0]} cannot be started: {one_line(error)}") from error
    with process:
        for line in process.stdout or ():
            if log is not None:
                log.write(line)
                log.flush()
            if line.strip():
                last.append(line.strip())
    if process.returncode:
        said = one_line(" | ".join(last), 1500)
        raise ImageError(f"{words[0]} {words[1]} ended with {process.returncode}: {said}")
    return last


def _problem(name: str) -> str:
    """Return why a builder does not work here; empty when it does."""
    if shutil.which(name) is None:
        return "is not installed"
    try:
        asked = subprocess.run(  # noqa: S603 - the builder, found on PATH
            [name, *BUILDERS[name]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not answer ({one_line(error, 100)})"
    if asked.returncode:
        lines = asked.stderr.strip().splitlines() or ["no reason given"]
        return f"does not answer ({one_line(lines[-1], 200)})"
    return ""
