"""Which names in a pipeline's source hold results, or depend on how many there are."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dagger_providers.dsl.artifacts import artifact
from dagger_providers.dsl.composers import COMPOSERS
from dagger_providers.dsl.decorators import Recordable

RECORDED = (*COMPOSERS, artifact)
"""Functions of ours that give what has no value yet, or what will give it."""


class Taint:
    """Follows results through the assignments of one function, whatever their order.

    Args:
        definition: The function.
        known: What the names that it does not assign stand for.
        names: The names that hold results from the start.
    """

    def __init__(
        self, definition: ast.FunctionDef, known: Mapping[str, Any], names: Iterable[str]
    ) -> None:
        self.definition = definition
        self.names = set(names)
        self._known = known
        self._inner = {
            node.name: node.args
            for node in ast.walk(definition)
            if isinstance(node, ast.FunctionDef) and node is not definition
        }
        arguments = definition.args
        self._local = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)} | {
            node.id
            for node in ast.walk(definition)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        before = -1
        while before != len(self.names):
            before = len(self.names)
            for node in ast.walk(definition):
                self._spread(node)

    def reaches(self, node: ast.AST) -> bool:
        """Say whether an expression holds a result or depends on one."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in self.names:
                return True
            if isinstance(inner, ast.Call) and self._is_recorded(self.value(inner.func)):
                return True
        return False

    def _is_recorded(self, called: Any) -> bool:
        """Say whether what is called gives results, or what will: ``choose = switch(...)``."""
        return isinstance(called, Recordable) or any(called is one for one in RECORDED)

    def value(self, node: ast.expr) -> Any:
        """Return what a name, a dotted name or an ``.options(...)`` call stands for."""
        match node:
            case ast.Name(id=name):
                return self._known.get(name)
            case ast.Attribute(value=value, attr=name):
                return getattr(self.value(value), name, None)
            case ast.Call(func=ast.Attribute(value=value, attr="options")):
                return self.value(value)
            case _:
                return None

    def _spread(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                self._assign(targets, value)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.AugAssign(target=target, value=value)
            ):
                self._assign([target], value)
            case (
                ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source)
            ) if self.reaches(source):
                for item in _items(target, source):
                    self._hold(item)
                if isinstance(node, ast.For):
                    self._count(node)
            case ast.Call(func=function, args=arguments, keywords=keywords):
                self._call(function, [*arguments, *(k.value for k in keywords)])
            case _:
                return

    def _assign(self, targets: list[ast.expr], value: ast.expr) -> None:
        for target in targets if self.reaches(value) else ():
            self._hold(target)

    def _hold(self, target: ast.AST) -> None:
        """Let a target hold results: a name, or what a subscript or attribute belongs to."""
        if isinstance(target, ast.Name):
            self.names.add(target.id)
        elif isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
            self._hold(target.value)
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self._hold(element)

    def _count(self, loop: ast.For) -> None:
        """Let what a loop over results counts depend on how many there are."""
        for node in ast.walk(loop):
            match node:
                case ast.AugAssign(target=ast.Name(id=name)):
                    self.names.add(name)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(value)):
                        self.names.add(name)
                case _:
                    continue

    def _call(self, function: ast.expr, arguments: list[ast.expr]) -> None:
        """Let ``out.append(result)`` reach ``out``, and an inner function's arguments."""
        if not any(map(self.reaches, arguments)):
            return
        if isinstance(function, ast.Attribute) and _base(function) in self._local:
            self._hold(function.value)
        for inner in _inner_arguments(function, arguments, self._inner):
            self.names |= {argument.arg for argument in (*inner.args, *inner.kwonlyargs)}


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _items(target: ast.expr, source: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of a loop's target that hold results: not the keys of ``d.items()``."""
    match target, source:
        case ast.Tuple(elts=[_, value]), ast.Call(func=ast.Attribute(attr="items")):
            yield value
        case _:
            yield target


def _inner_arguments(
    function: ast.expr, arguments: list[ast.expr], inner: Mapping[str, ast.arguments]
) -> Iterator[ast.arguments]:
    for node in (function, *arguments):
        if isinstance(node, ast.Lambda):
            yield node.args
        elif isinstance(node, ast.Name) and node.id in inner:
            yield inner[node.id]
