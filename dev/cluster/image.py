"""The images of pods: that of the pipelines holds a layer with Python and one with this code."""

import py_compile
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import system
from archive import Files, digest, sha256, write
from steps import HOME, ROOT, step

NAME = "localhost/dagger-pipelines"
FOLDER = Path("/app")
# What pods run: folders of this code, each with its place in the image.
CODE = {
    "src/dagger_providers": "dagger_providers",
    "tests/conformance": "conformance",
    "tests/cluster/flows": "",
    "examples": "",
}
PAUSE = "/usr/bin/catatonit"


@dataclass(frozen=True)
class Pipelines:
    """The image with the pipelines' code.

    Attributes:
        name: Its name, whose tag says what it holds.
        base: The layer with Python and packages.
        code: The files of this code, with their places in the image.
    """

    name: str
    base: Path
    code: list[tuple[Path, Path]]

    def write(self, path: Path) -> Path:
        """Write its archive."""
        layer = path.with_suffix(".layer.tar")
        _write_code(layer, self.code)
        environment = [f"PATH={system.PATH}", f"PYTHONPATH={FOLDER}", "HOME=/tmp"]
        config = {"Env": environment, "WorkingDir": str(FOLDER)}
        write(path, self.name, [self.base, layer], config)
        layer.unlink()
        return path


def pipelines() -> Pipelines:
    """The image of the code as it is now; writes the lower layer where it is missing."""
    packages = system.packages()
    version = digest(f"{package.name} {package.version}" for package in packages)
    base = HOME / f"base-{system.PYTHON}-{version}.tar"
    if not base.exists():
        for old in HOME.glob("base-*"):
            old.unlink()
        HOME.mkdir(parents=True, exist_ok=True)
        with step("write the layer with Python and the packages, once for these versions"):
            system.write(base, packages)
    code = _code()
    content = digest([version, *(f"{place} {sha256(file)}" for file, place in code)])
    return Pipelines(f"{NAME}:{content}", base, code)


def write_pause(name: str, path: Path) -> Path:
    """Write the archive of the image whose process holds a pod together."""
    layer = path.with_suffix(".layer.tar")
    with tarfile.open(layer, "w") as tar:
        Files(tar).copy(PAUSE, Path(PAUSE))
    write(path, name, [layer], {"Entrypoint": [PAUSE, "-P"]})
    layer.unlink()
    return path


def _code() -> list[tuple[Path, Path]]:
    found = []
    for source, place in CODE.items():
        for file in sorted((ROOT / source).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.append((file, FOLDER / place / file.relative_to(ROOT / source)))
    return found


def _write_code(layer: Path, code: list[tuple[Path, Path]]) -> None:
    with tarfile.open(layer, "w") as tar, tempfile.TemporaryDirectory() as folder:
        files = Files(tar)
        compiled = Path(folder, "compiled")
        for file, place in code:
            files.copy(str(place), file)
            if file.suffix == ".py":
                py_compile.compile(str(file), str(compiled), dfile=str(place), doraise=True)
                name = f"{place.stem}.{sys.implementation.cache_tag}.pyc"
                files.copy(str(place.parent / "__pycache__" / name), compiled)
