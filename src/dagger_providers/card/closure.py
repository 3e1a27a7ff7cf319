"""Find the statements of a module that some of its names depend on, and their text for a digest.

Comments, formatting, docstrings and the options that our decorators take are no part of the text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from dagger_providers.serializers.records import Record

_OURS = "dagger_providers"

_DYNAMIC = frozenset({"__import__", "eval", "exec", "globals", "locals", "vars"})
"""What reaches any name of the module: who uses one depends on all statements."""

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Code(Record):
    """What a module does.

    Attributes:
        body: Its statements, without docstrings and without our decorators.
        used: All names that it uses anywhere, also for our decorators.
    """

    body: tuple[ast.stmt, ...]
    used: frozenset[str]


def parsed(source: str | bytes, file: str) -> Code:
    """Read a module.

    Raises:
        SyntaxError: It is no Python.
    """
    tree = ast.parse(source, file)
    used = frozenset(name for node in tree.body for name in _used(node))
    ours = frozenset(_names_of_ours(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | _Definition):
            if _is_text(node.body[0] if node.body else None):
                del node.body[0]
            if not isinstance(node, ast.Module):
                node.decorator_list = [d for d in node.decorator_list if _root(d) not in ours]
    return Code(tuple(one for one in tree.body if not _is_idle(one, ours)), used)


def text_of(statements: Iterable[ast.stmt]) -> str:
    """Return statements as text that says what they do, and not how they are written down."""
    return "\n".join(ast.dump(statement) for statement in statements)


def needed(
    code: Code, names: Iterable[str], is_foreign: Callable[[str], bool]
) -> tuple[ast.stmt, ...]:
    """Return the statements of a module that some of its names depend on, in their order.

    That is what binds them, and what binds the names that are used there, and so on; what is
    registered with any of it by a decorator or a base class of the project; and what only has
    effects, also an import of the project whose name nobody uses.

    Args:
        code: The module.
        names: Names at its top level.
        is_foreign: Whether a module is none of the project.
    """
    statements = [_statement(node) for node in code.body]
    foreign = [one.kind == "import" and _is_foreign(one.node, is_foreign) for one in statements]
    apart = {name for one, is_one in zip(statements, foreign, strict=True) if is_one
             for name in one.binds}  # fmt: skip
    reached = set(names)
    chosen: set[int] = set()
    while reached.isdisjoint(_DYNAMIC):
        found = {
            number
            for number, one in enumerate(statements)
            if one.is_needed_by(reached)
            or not one.joins.isdisjoint(reached - apart)
            or (one.kind == "import" and not foreign[number] and one.binds.isdisjoint(code.used))
        } - chosen
        if not found:
            return tuple(code.body[number] for number in sorted(chosen))
        chosen |= found
        for number in found:
            reached |= statements[number].uses
    return code.body


def _is_foreign(node: ast.stmt, is_foreign: Callable[[str], bool]) -> bool:
    match node:
        case ast.Import(names=aliases):
            return all(is_foreign(alias.name) for alias in aliases)
        case ast.ImportFrom(module=module, level=0):
            return is_foreign(module or "")
        case _:
            return False


class _Statement(Record):
    """What a statement binds and uses.

    Attributes:
        node: The statement.
        binds: The names that it gives a value.
        uses: The names that it reads.
        joins: Names that it is registered with: decorators and base classes.
        kind: ``definition``, ``import``, or ``effect`` for one that does something else.
    """

    node: ast.stmt
    binds: frozenset[str]
    uses: frozenset[str]
    joins: frozenset[str]
    kind: str

    def is_needed_by(self, reached: Collection[str]) -> bool:
        return self.kind == "effect" or "*" in self.binds or not self.binds.isdisjoint(reached)


def _statement(node: ast.stmt) -> _Statement:
    return _Statement(
        node,
        frozenset(bound_by(node)),
        frozenset(_used(node)),
        frozenset(_joined(node)),
        _kind(node),
    )


def _kind(node: ast.stmt) -> str:
    match node:
        case ast.Import() | ast.ImportFrom():
            return "import"
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Pass():
            return "definition"
        case ast.Assign(targets=targets):
            return "definition" if all(map(_is_name, targets)) else "effect"
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return "definition" if _is_name(target) else "effect"
        case ast.If() | ast.Try():
            inner = {_kind(one) for one in _inside(node)}
            return "effect" if "effect" in inner else "definition"
        case _:
            return "effect"


def _inside(node: ast.If | ast.Try) -> Iterator[ast.stmt]:
    yield from node.body
    yield from node.orelse
    if isinstance(node, ast.Try):
        yield from node.finalbody
        for handler in node.handlers:
            yield from handler.body


def _is_name(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_name, target.elts))
    return isinstance(target, ast.Name)


def bound_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds at the top level, or may bind when it is called."""
    for inner in _walk_scope(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield inner.name
            case ast.Import(names=aliases):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case _:
                pass
    yield from (name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names)


def _walk_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, but nothing of the bodies of functions and classes."""
    yield node
    if not isinstance(node, _Definition | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _walk_scope(child)


def _used(node: ast.stmt) -> Iterator[str]:
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name):
                yield name
            case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
                yield "globals"
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                yield from _in_text(annotation)
            case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
                yield from _in_text(returns)
            case _:
                pass


def _in_text(annotation: ast.expr | None) -> Iterator[str]:
    """Yield the names in annotations that are given as text."""
    for inner in ast.walk(annotation) if annotation is not None else ():
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            try:
                tree = ast.parse(inner.value, mode="eval")
            except SyntaxError:
                continue
            yield from (one.id for one in ast.walk(tree) if isinstance(one, ast.Name))


def _joined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, _Definition):
        yield from filter(None, map(_root, node.decorator_list))
    if isinstance(node, ast.ClassDef):
        yield from filter(None, map(_root, node.bases))


def _names_of_ours(tree: ast.Module) -> Iterator[str]:
    """Yield the names that imports of this package bind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and _imports_us(node):
            yield from bound_by(node)


def _imports_us(node: ast.Import | ast.ImportFrom) -> bool:
    names = (
        [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
    )
    return all(name.partition(".")[0] == _OURS for name in names)


def _root(node: ast.expr) -> str:
    """Return the name that an expression such as ``name.attribute(...)`` begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.stmt | None) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_idle(node: ast.stmt, ours: Collection[str]) -> bool:
    """Say whether a statement does nothing for who imports the module, or only calls us."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.Expr(value=ast.Call() as call):
            return _root(call) in ours
        case ast.Import() | ast.ImportFrom():
            return _imports_us(node)
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), orelse=[]):
            return "__main__" in ast.dump(node.test)
        case _:
            return False


def imports_in(statements: Iterable[ast.stmt], package: str) -> Iterator[tuple[str, str]]:
    """Yield what statements import, also inside functions: a module, and a name in it or nothing.

    Args:
        statements: Statements of a module.
        package: The package that its relative imports begin at.
    """
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = _absolute(node, package)
                yield from ((module, alias.name) for alias in node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.rsplit(".", node.level - 1)[0]
    return f"{above}.{node.module}" if node.module else above


def is_part_of_python(name: str) -> bool:
    """Say whether a module comes with Python, or is this package."""
    top = name.partition(".")[0]
    return top == _OURS or top in sys.stdlib_module_names or top in sys.builtin_module_names
