"""Notice that a file was changed after this process loaded it: then it runs other code."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

_SCALARS = (bool, int, float, str, bytes, type(None))


def is_other_code(module: ModuleType, source: bytes, names: Collection[str] | None = None) -> bool:
    """Say whether a loaded module holds functions, or plain constants, that its source does not.

    Args:
        module: What is loaded.
        source: What its file holds now.
        names: The names to look at; None for all.
    """
    file = str(module.__file__)
    tree = ast.parse(source, file)
    codes = set(_codes(compile(source, file, "exec", dont_inherit=True)))
    constants = dict(_constants(tree))
    for name, value in vars(module).items():
        if names is not None and name not in names:
            continue
        if any(code not in codes for code in _of_file(value, file)):
            return True
        if name in constants and isinstance(value, _SCALARS) and _plain(value) != constants[name]:
            return True
    return False


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _of_file(value: Any, file: str, *, depth: int = 0) -> Iterator[CodeType]:
    """Yield the code of a function, or of a class's methods, that a file defines."""
    if isinstance(value, type) and not depth:
        for inner in list(vars(value).values()):
            yield from _of_file(inner, file, depth=1)
        return
    for name in ("__wrapped__", "__func__", "fget"):
        inner = _attributes(value).get(name) or (
            getattr(value, name, None) if isinstance(value, classmethod | staticmethod | property)
            else None
        )  # fmt: skip
        if inner is not None:
            yield from _of_file(inner, file, depth=1)
    if isinstance(value, FunctionType) and value.__code__.co_filename == file:
        yield value.__code__


def _attributes(value: Any) -> Mapping[str, Any]:
    """Return what a value holds itself; asked for, pydantic's may raise an error of their own."""
    try:
        return object.__getattribute__(value, "__dict__")  # type: ignore[no-any-return]
    except AttributeError:
        return {}


def _constants(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Yield the names that a module binds once, to a number, a text or None."""
    bound = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_stored(node)
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            bound.update(node.names)
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value))
            ) if bound[name] == 1 and isinstance(value, _SCALARS):
                yield name, _plain(value)


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _plain(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value
