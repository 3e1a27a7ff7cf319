"""Load Python files that have no module name of their own, once, under a canonical one."""

from __future__ import annotations

import os
import sys
from _thread import RLock
from types import ModuleType

from dagger_providers.errors import UsageError

_loaded: dict[str, ModuleType] = {}
"""Modules loaded from files here, by real path."""

_loading = RLock()
"""Held while a file runs, so that no thread sees a module that is half made."""

_roots: set[str] = set()
"""Folders that are on ``sys.path`` only because paths of files were relative to them."""


def load_file(path: str, root: str | None = None) -> ModuleType:
    """Load a Python file once, under its canonical module name.

    The name is the file's stem, as if its folder were on ``sys.path``; where that name belongs to
    another module, a digest of the file's text is added, which is the same on every machine. It
    imports from what is there already, then from its own folder, then from the one that its path
    is relative to.

    Args:
        path: The file, absolute or relative to ``root``.
        root: The folder that it is relative to; by default the current folder, then the folders of
            ``sys.path``.

    Raises:
        UsageError: There is no such file.
    """
    file, found_in = _find(path, root)
    with _loading:
        found = _loaded.get(file)
        return _load(file, found_in) if found is None else found


def import_from(folder: str) -> None:
    """Let code import from a folder, where no other one has what it wants."""
    if folder not in sys.path:
        sys.path.append(folder)
        _roots.add(folder)


def is_loaded_from(module: ModuleType, file: str) -> bool:
    """Say whether a module is what `load_file` made of a file."""
    return _loaded.get(file) is module


def _load(file: str, found_in: str) -> ModuleType:
    folder, base = os.path.split(file)
    name = base.removesuffix(".py")
    present = sys.modules.get(name)
    if present is not None and os.path.realpath(getattr(present, "__file__", "") or "") == file:
        return present
    if present is not None or not name.isidentifier() or _shadows(name, file):
        name = f"{name}_{_digest(file)}"
    if folder not in sys.path:
        last = (at for at, entry in enumerate(sys.path) if entry in _roots)
        sys.path.insert(next(last, len(sys.path)), folder)
    import_from(found_in)
    return _load_as(name, file)


def _load_as(name: str, file: str) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file")
    module = module_from_spec(spec)
    sys.modules[name] = _loaded[file] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        _loaded.pop(file, None)
        raise
    return module


def _find(path: str, root: str | None) -> tuple[str, str]:
    """Return a file, and the folder that its path is relative to; its own for an absolute one."""
    folders = [root] if root else [os.getcwd(), *sys.path]
    for folder in folders:
        file = os.path.realpath(os.path.join(folder or ".", path))
        if os.path.isfile(file):
            return file, os.path.dirname(file) if os.path.isabs(path) else os.path.realpath(folder)
    where = root or "the current folder or on PYTHONPATH"
    raise UsageError(f"no file {path!r} in {where}")


def _shadows(name: str, file: str) -> bool:
    from importlib.machinery import PathFinder

    if name in sys.stdlib_module_names or name in sys.builtin_module_names:
        return True
    spec = PathFinder.find_spec(name)
    return spec is not None and os.path.realpath(spec.origin or "") != file


def _digest(file: str) -> str:
    from hashlib import sha256

    with open(file, "rb") as stream:
        return sha256(stream.read()).hexdigest()[:8]
