"""Say by a digest what code a function runs: its own, and that of the modules that it imports.

Nothing is executed for it but what importing the function has executed already.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from importlib.machinery import ModuleSpec
from typing import Any

from dagger_providers.card.closure import (
    Code,
    bound_by,
    imports_in,
    is_part_of_python,
    needed,
    parsed,
    text_of,
)
from dagger_providers.card.functions import plain_function
from dagger_providers.card.loaded import is_other_code
from dagger_providers.errors import UsageError
from dagger_providers.serializers.records import Record


class Sources(Record):
    """The code behind a function.

    Attributes:
        digest: The sha256 of the project's own; the same wherever its files lie.
        installed: The distributions of what else is imported, as ``name-version``; of a module that
            is in none, or not there, the name.
        changed: Modules of the project whose files were changed after this process loaded them.
    """

    digest: str
    installed: tuple[str, ...]
    changed: tuple[str, ...] = ()


def sources_of(things: Iterable[Any], modules: Collection[str] = ()) -> Sources:
    """Return the sources behind some functions and classes.

    Of the module of each, the statements count that it depends on; of every module that these
    import, all of them; of a package on the way to a module, its own text.

    Args:
        things: Functions and classes at the top level of modules, or inside a class there.
        modules: Names of modules that count besides.

    Raises:
        UsageError: The file of a module of the project is not there.
    """
    walk = _Walk()
    for module, names in _by_module(things).items():
        walk.add_names(module, names)
    for module in modules:
        walk.add_import(module, "")
    return walk.result()


class Modules(Record):
    """Modules, and what they import.

    Attributes:
        files: Those of the project, each with its file; a package with that of its ``__init__``.
        installed: The distributions of the others, as ``name-version``; of a module that is in
            none, the name.
    """

    files: Mapping[str, str]
    installed: tuple[str, ...]


def modules_behind(modules: Iterable[str]) -> Modules:
    """Return what has to be there for some modules to be imported.

    Raises:
        UsageError: The file of a module of the project is not there.
    """
    walk = _Walk()
    for module in modules:
        walk.add_import(module, "")
    walk.follow_packages()
    return walk.modules()


def _by_module(things: Iterable[Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for thing in things:
        plain = plain_function(thing)
        found.setdefault(plain.__module__, set()).add(plain.__qualname__.partition(".")[0])
    return found


class _Walk:
    """Follows imports from module to module."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, tuple[str, ...]], str] = {}
        self._whole: dict[str, bool] = {}
        self._tops: set[str] = set()
        self._specs: dict[str, ModuleSpec | None] = {}
        self._changed: set[str] = set()

    def add_names(self, module: str, names: set[str]) -> None:
        """Add what some names of a module depend on."""
        if self._spec(module) is not None and self._is_foreign(module):
            self.add_import(module, "")
            return
        self._pass(module.rpartition(".")[0])
        code = self._code(module)
        if code is None:
            return
        statements = needed(code, names, self._is_foreign)
        del self._texts[module, ()]
        self._texts[module, tuple(sorted(names))] = text_of(statements)
        self._compare(module, {name for one in statements for name in bound_by(one)})
        self._follow(statements, module)

    def add_import(self, module: str, name: str) -> None:
        """Add a module that is imported, or from which a name is."""
        inner = f"{module}.{name}"
        if name and name != "*" and self._spec(inner) is not None:
            self._pass(module)
            module = inner
        self._add(module, follow=True)
        self._pass(module.rpartition(".")[0])

    def follow_packages(self) -> None:
        """Add what the packages on the way import, as importing a module of theirs does."""
        while passed := [module for module, followed in self._whole.items() if not followed]:
            for module in passed:
                self._add(module, follow=True)

    def _pass(self, module: str) -> None:
        """Add the packages on the way to a module."""
        while module:
            self._add(module, follow=False)
            module = module.rpartition(".")[0]

    def _add(self, module: str, *, follow: bool) -> None:
        if self._whole.get(module) or (module in self._whole and not follow):
            return
        self._whole[module] = follow
        if is_part_of_python(module):
            return
        if self._is_foreign(module):
            self._tops.add(module.partition(".")[0])
            return
        spec = self._spec(module)
        if spec is None or not spec.has_location:  # a namespace package: nothing but its modules
            return
        code = self._code(module)
        if code is not None:
            self._compare(module, None)
            if follow:
                self._follow(code.body, module)

    def _code(self, module: str) -> Code | None:
        """Add the text of a module, and return what it does; None when it is no Python source."""
        source = self._source(module)
        try:
            code = parsed(source, module)
        except (SyntaxError, ValueError):  # compiled, or for another Python
            self._texts[module, ()] = sha256(source).hexdigest()
            return None
        self._texts[module, ()] = text_of(code.body)
        return code

    def _compare(self, module: str, names: Collection[str] | None) -> None:
        loaded = sys.modules.get(module)
        if loaded is not None and is_other_code(loaded, self._source(module), names):
            self._changed.add(module)

    def _follow(self, statements: Iterable[ast.stmt], module: str) -> None:
        spec = self._spec(module)
        package = (spec.parent if spec is not None else None) or ""
        for imported, name in imports_in(statements, package):
            self.add_import(imported, name)

    def _is_foreign(self, module: str) -> bool:
        """Say whether a module is none of the project: Python's, installed, or not there."""
        if is_part_of_python(module):
            return True
        spec = self._spec(module.partition(".")[0])
        return spec is None or _is_installed(spec)

    def _spec(self, module: str) -> ModuleSpec | None:
        if module not in self._specs:
            self._specs[module] = _find(module)
        return self._specs[module]

    def _source(self, module: str) -> bytes:
        spec = self._spec(module)
        read = getattr(spec.loader, "get_data", None) if spec is not None else None
        if spec is None or spec.origin is None or read is None:
            raise UsageError(
                f"module {module!r} has no file: what it makes cannot be cached; remove cache=True"
            )
        try:
            data: bytes = read(spec.origin)
        except OSError as error:
            raise UsageError(f"the source of module {module!r} is not there: {error}") from error
        return data

    def result(self) -> Sources:
        """Return what was found."""
        parts = sorted((*key, text) for key, text in self._texts.items())
        digest = sha256(repr(parts).encode()).hexdigest()
        return Sources(digest, self._installed(self._tops), tuple(sorted(self._changed)))

    def modules(self) -> Modules:
        """Return which modules were found."""
        files = {
            module: str(spec.origin)
            for module in sorted(self._whole)
            if (spec := self._spec(module)) and spec.has_location and not self._is_foreign(module)
        }
        there = (top for top in self._tops if self._spec(top) is not None)
        return Modules(files, self._installed(there))

    def _installed(self, tops: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({n for top in tops for n in _distributions(top, self._spec(top))}))


def _find(module: str) -> ModuleSpec | None:
    """Return how a module is imported, without importing what it stands in."""
    loaded = getattr(sys.modules.get(module), "__spec__", None)
    if loaded is not None:
        return loaded  # type: ignore[no-any-return]
    above, _, _ = module.rpartition(".")
    path = None
    if above:
        outer = _find(above)
        path = outer.submodule_search_locations if outer is not None else None
        if path is None:
            return None
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        found = find(module, path, None) if find is not None else None
        if found is not None:
            return found  # type: ignore[no-any-return]
    return None


# Installed distributions


def _folders(spec: ModuleSpec) -> list[str]:
    """Return the folders that hold a top-level module."""
    places = list(spec.submodule_search_locations or ())
    if not places and spec.has_location and spec.origin:
        places = [spec.origin]
    return [os.path.dirname(place) for place in places]


def _is_installed(spec: ModuleSpec) -> bool:
    folders = _folders(spec)
    return not folders or any(
        os.path.basename(folder) in {"site-packages", "dist-packages"} or _metadata(folder)
        for folder in folders
    )


def _metadata(folder: str) -> tuple[str, ...]:
    """Return the folders in which installers describe what they put into a folder."""
    found = _described.get(folder)
    if found is None:
        names = os.listdir(folder) if os.path.isdir(folder) else []
        found = tuple(sorted(name for name in names if name.endswith(".dist-info")))
        _described[folder] = found
    return found


_described: dict[str, tuple[str, ...]] = {}


def _distributions(top: str, spec: ModuleSpec | None) -> list[str]:
    """Return which distributions a top-level module comes from.

    `importlib.metadata` would read the description of everything that is installed, in a second.
    """
    found = [
        name.removesuffix(".dist-info")
        for folder in (_folders(spec) if spec is not None else ())
        for name in _metadata(folder)
        if _holds(os.path.join(folder, name), top)
    ]
    return found or [top]


def _holds(described: str, top: str) -> bool:
    try:
        with open(os.path.join(described, "RECORD"), "rb") as stream:
            record = b"\n" + stream.read()
    except OSError:
        return os.path.basename(described).lower().startswith(f"{top.lower()}-")
    return any(f"\n{top}{end}".encode() in record for end in ("/", ".py,", ".", '"'))
