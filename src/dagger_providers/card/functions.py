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
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from dagger_providers.card.files import is_loaded_from, load_file
from dagger_providers.errors import UsageError

LIVE_PREFIX = "<live>:"
"""Starts the reference of a function that only this process holds (a notebook's, a nested one)."""

_live: dict[str, Any] = {}
"""Functions that only this process holds; for good, since a model may outlive all else of them."""

_importing: list[str] = []

_references: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_functions: WeakValueDictionary[str, Any] = WeakValueDictionary()
_importable: dict[tuple[str, str], bool] = {}


def reference_of(function: Any) -> str:
    """Return the reference under which another process can import a function.

    Args:
        function: A plain function, or what a decorator of ours made of one.

    Returns:
        ``module:qualname``, ``file.py:qualname``, or a reference that starts with ``<live>:`` when
        no other process can import the function.
    """
    plain = plain_function(function)
    known = _references.get(plain)
    if known is None:
        known = _references[plain] = _reference(plain)
        _functions[known] = plain
    return known


def function_here(reference: str) -> Any:
    """Return the plain function that this process has named so, without importing it once more.

    A script that runs as ``__main__`` would run again.

    Returns:
        The function; None when this process has made no reference to it.
    """
    return _functions.get(reference)


def _reference(plain: Any) -> str:
    module = sys.modules.get(plain.__module__)
    if "<" in plain.__qualname__ or module is None or not getattr(module, "__file__", None):
        return _live_reference(plain)
    return f"{module_reference(module)}:{plain.__qualname__}"


def _live_reference(plain: Any) -> str:
    """Return a reference that no other function of this process has."""
    reference = name = f"{LIVE_PREFIX}{plain.__module__}.{plain.__qualname__}"
    number = 1
    while reference in _live:
        number += 1
        reference = f"{name}-{number}"
    _live[reference] = plain
    return reference


def module_reference(module: ModuleType) -> str:
    """Return the part of a reference that names a module: its import name, or its file's name."""
    name = module.__name__
    file = os.path.realpath(str(module.__file__))
    base = os.path.basename(file)
    if name == "__main__":
        spec = module.__spec__
        return base if spec is None or spec.name == "__main__" else spec.name
    if is_loaded_from(module, file) or not _imports_as(name, file):
        return base
    return name


def _imports_as(name: str, file: str) -> bool:
    """Say whether ``import name`` in another process would find this file."""
    key = (name, file)
    if key not in _importable:
        stem = name.rpartition(".")[2]
        names = {f"{stem}.py", f"{stem}.pyc", "__init__.py"}
        same = os.path.basename(file) in names
        _importable[key] = same and _finds(name.partition(".")[0])
    return _importable[key]


def _finds(top: str) -> bool:
    """Say whether a top-level module is found by name, as the one that is loaded."""
    loaded = getattr(sys.modules.get(top), "__spec__", None)
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        found = find(top, None) if find is not None else None
        if found is not None:
            return loaded is None or _same_origin(found, loaded)
    return False


def _same_origin(found: Any, loaded: Any) -> bool:
    if found.origin is None or loaded.origin is None:  # a namespace package: a list of folders
        return bool(found.origin is loaded.origin)
    same: bool = os.path.realpath(found.origin) == os.path.realpath(loaded.origin)
    return same


def code_root(function: Any) -> str | None:
    """Return the folder that a ``file.py`` reference of this function is relative to.

    Returns:
        An absolute path; None for a function that is imported by module name or lives here only.
    """
    plain = plain_function(function)
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


def importing() -> str:
    """Return the module or file that is being imported for a function now; empty if none is."""
    return _importing[-1] if _importing else ""


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
    _importing.append(target)
    try:
        module = load_file(target, root) if target.endswith(".py") else _import(target)
    finally:
        _importing.pop()
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


def plain_function(loaded: Any) -> Callable[..., Any]:
    """Return the user's own function behind what a decorator of ours made of it."""
    ours = getattr(type(loaded), "is_decorated_function", False)
    function: Callable[..., Any] = loaded.__wrapped__ if ours else loaded
    return function


def argument_names(function: Any) -> tuple[str, ...]:
    """Return the names of a function's arguments that may be given by name."""
    code = plain_function(function).__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def required_names(function: Any) -> tuple[str, ...]:
    """Return the names of a function's arguments that have no default."""
    plain: Any = plain_function(function)
    names, count = argument_names(plain), plain.__code__.co_argcount
    optional = len(plain.__defaults__ or ())
    only = (name for name in names[count:] if name not in (plain.__kwdefaults__ or {}))
    return (*names[: count - optional], *only)


def signature_text(function: Any) -> str:
    """Return the arguments of a function as the text that manifests carry.

    Only names, kinds and whether there is a default count: what a caller must know. Example:
    ``(rows, *, alpha=, **options)``.
    """
    plain: Any = plain_function(function)
    code = plain.__code__
    names = code.co_varnames
    positional = names[: code.co_argcount]
    defaults = len(plain.__defaults__ or ())
    keyword_defaults = plain.__kwdefaults__ or {}
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
