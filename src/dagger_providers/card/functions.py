"""Name a function so that any process can import it again, and import it by that name.

A reference is ``package.module:qualname`` or ``path/to/file.py:qualname``. The second form is for
code that Python cannot import by name: a script run as ``__main__`` or a file that an orchestrator
loaded under a name of its own. Such a file has one canonical module name in every process, so that
what is pickled in one place can be read in another.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any
from weakref import WeakValueDictionary

from dagger_providers.errors import UsageError

LIVE_PREFIX = "<live>:"
"""Starts the reference of a function that only this process holds (a notebook's, a nested one)."""

_live: WeakValueDictionary[str, Any] = WeakValueDictionary()
_refs: dict[CodeType, str] = {}
_files: dict[str, ModuleType] = {}
"""Modules loaded from files here, by real path."""


def reference_of(function: Any) -> str:
    """Return the reference under which another process can import a function.

    Args:
        function: A plain function, or what a decorator of ours made of one.

    Returns:
        ``module:qualname``, ``file.py:qualname``, or a reference that starts with ``<live>:`` when
        no other process can import the function.
    """
    plain = getattr(function, "__wrapped__", function)
    code = plain.__code__
    known = _refs.get(code)
    if known is not None and not known.startswith(LIVE_PREFIX):
        return known
    qualname = plain.__qualname__
    module = sys.modules.get(plain.__module__)
    if "<" in qualname or module is None or not getattr(module, "__file__", None):
        reference = f"{LIVE_PREFIX}{plain.__module__}.{qualname}"
        if known is None or _live.get(known) is not function:
            reference = _unique_live(reference, function)
            _live[reference] = function
        else:
            reference = known
    else:
        reference = f"{module_reference(module)}:{qualname}"
    _refs[code] = reference
    return reference


def _unique_live(reference: str, function: Any) -> str:
    """Return a reference that no other living function has."""
    taken = _live.get(reference)
    number = 1
    unique = reference
    while taken is not None and taken is not function:
        number += 1
        unique = f"{reference}-{number}"
        taken = _live.get(unique)
    return unique


def module_reference(module: ModuleType) -> str:
    """Return the part of a reference that names a module: its import name, or its file's name."""
    name = module.__name__
    file = os.path.realpath(str(module.__file__))
    if name == "__main__":
        spec = module.__spec__
        if spec is not None and spec.name:
            return spec.name.removesuffix(".__main__") if spec.parent == "" else spec.name
        return os.path.basename(file)
    if _files.get(file) is module or not _imports_as(name, file):
        return os.path.basename(file)
    return name


def _imports_as(name: str, file: str) -> bool:
    """Say whether ``import name`` in another process would find this file."""
    stem = name.rpartition(".")[2]
    base = os.path.basename(file)
    return base in {f"{stem}.py", f"{stem}.pyc", "__init__.py"} and "unusual_prefix_" not in name


def code_root(function: Any) -> str | None:
    """Return the folder that a ``file.py`` reference of this function is relative to.

    Returns:
        An absolute path; None for a function that is imported by module name or lives here only.
    """
    plain = getattr(function, "__wrapped__", function)
    if not is_file_reference(reference_of(function)):
        return None
    file = sys.modules[plain.__module__].__file__
    return os.path.dirname(os.path.realpath(str(file)))


def is_file_reference(reference: str) -> bool:
    """Say whether a reference names a file (``flow.py:fit``) rather than a module."""
    return reference.rpartition(":")[0].endswith(".py")


def is_live(reference: str) -> bool:
    """Say whether only this process can resolve a reference."""
    return reference.startswith(LIVE_PREFIX)


def load(reference: str, root: str | None = None) -> Any:
    """Import what a reference names.

    Args:
        reference: ``module:qualname`` or ``file.py:qualname``.
        root: The folder that a file reference is relative to; by default the current folder, then
            the folders of ``sys.path``.

    Returns:
        The object as the module holds it (a decorated task, a pipeline or a plain function).

    Raises:
        UsageError: The module, the file or the name does not exist.
    """
    if is_live(reference):
        function = _live.get(reference)
        if function is None:
            raise UsageError(
                f"function {reference.removeprefix(LIVE_PREFIX)} lives only in the process that "
                "defined it; define it at the top level of a module or file"
            )
        return function
    target, _, qualname = reference.rpartition(":")
    module = load_file(target, root) if target.endswith(".py") else _import(target)
    found: Any = module
    for name in qualname.split("."):
        found = getattr(found, name, None)
        if found is None:
            raise UsageError(f"{target} has no function {qualname!r} (wanted by {reference!r})")
    return found


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise UsageError(
            f"no module named {error.name!r} (wanted: {name!r}); install it, or put its folder on "
            "PYTHONPATH"
        ) from error


def load_file(path: str, root: str | None = None) -> ModuleType:
    """Load a Python file once, under its canonical module name.

    The name is the file's stem, as if its folder were on ``sys.path``; where that name belongs to
    another module, a digest of the file's text is added, which is the same on every machine.

    Args:
        path: The file, absolute or relative to ``root``.
        root: See `load`.

    Raises:
        UsageError: There is no such file.
    """
    file = _find(path, root)
    loaded = _files.get(file)
    if loaded is not None:
        return loaded
    folder, base = os.path.split(file)
    name = base.removesuffix(".py")
    present = sys.modules.get(name)
    if present is not None and os.path.realpath(getattr(present, "__file__", "") or "") == file:
        _files[file] = present
        return present
    if present is not None or _shadows(name, file):
        name = f"{name}_{_digest(file)}"
    return _load_as(name, file, folder)


def _load_as(name: str, file: str, folder: str) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file")
    module = module_from_spec(spec)
    sys.modules[name] = _files[file] = module
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        _files.pop(file, None)
        raise
    return module


def _find(path: str, root: str | None) -> str:
    folders = [root] if root else [os.getcwd(), *sys.path]
    for folder in folders:
        file = os.path.realpath(os.path.join(folder or ".", path))
        if os.path.isfile(file):
            return file
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


def plain_function(loaded: Any) -> Callable[..., Any]:
    """Return the user's own function behind a decorated one."""
    function: Callable[..., Any] = getattr(loaded, "__wrapped__", loaded)
    return function


def signature_text(function: Any) -> str:
    """Return the arguments of a function as the text that manifests carry.

    Only names, kinds and whether there is a default count: what a caller must know. Example:
    ``(rows, *, alpha=, **options)``.
    """
    code = plain_function(function).__code__
    plain = plain_function(function)
    names = code.co_varnames
    positional = names[: code.co_argcount]
    defaults = len(plain.__defaults__ or ())  # type: ignore[attr-defined]
    keyword_defaults = plain.__kwdefaults__ or {}  # type: ignore[attr-defined]
    parts = [
        f"{name}=" if number >= code.co_argcount - defaults else name
        for number, name in enumerate(positional)
    ]
    keyword_only = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    if keyword_only:
        parts.append("*")
    parts.extend(f"{name}=" if name in keyword_defaults else name for name in keyword_only)
    if code.co_flags & 0x08:  # CO_VARKEYWORDS
        offset = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04)
        parts.append(f"**{names[offset]}")
    return f"({', '.join(parts)})"
