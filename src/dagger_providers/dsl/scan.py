"""Find in a pipeline's source what recording cannot see.

Python asks no object before ``x is None``, ``isinstance(x, int)`` or the truth of a list, so a
recording would go on with a wrong answer. This reads the function's syntax tree instead.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from dagger_providers.dsl.decorators import Recordable
from dagger_providers.errors import BuildError

_QUESTIONS = {
    "len": "count in a task",
    "type": "look at the value in a task",
    "isinstance": "look at the value in a task",
    "issubclass": "look at the value in a task",
    "id": "compare in a task",
    "callable": "look at the value in a task",
    "bool": "decide in a task",
    "any": "decide in a task",
    "all": "decide in a task",
    "hasattr": "look at the value in a task",
}


def scan(function: Callable[..., Any]) -> None:
    """Refuse code whose recording would not mean what its plain call means.

    A function whose source cannot be had (typed at a prompt) is not checked.

    Raises:
        BuildError: Naming the line and what to write instead.
    """
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except SyntaxError:
        return
    definition = next((n for n in tree.body if isinstance(n, ast.FunctionDef)), None)
    if definition is None:
        return
    known = inspect.getclosurevars(function)
    _Scan(definition, {**known.builtins, **known.globals, **known.nonlocals}, first).check()


class _Scan(ast.NodeVisitor):
    """Follows which names hold results, and refuses questions about them."""

    def __init__(self, definition: ast.FunctionDef, known: Mapping[str, Any], first: int) -> None:
        self.definition = definition
        self.known = known
        self.first = first
        arguments = definition.args
        self.tainted = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}

    def check(self) -> None:
        before = -1
        while before != len(self.tainted):
            before = len(self.tainted)
            for node in ast.walk(self.definition):
                self._spread(node)
        for statement in self.definition.body:
            self.visit(statement)

    # What holds results

    def _spread(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value) if self._is_result(value):
                for target in targets:
                    self._taint(target)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(
                target=target, value=value
            ) | ast.AugAssign(target=target, value=value) if self._is_result(value):
                self._taint(target)
            case ast.For(target=target, iter=source) | ast.comprehension(
                target=target, iter=source
            ) if self._is_result(source):
                self._taint(target)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=arguments):
                if any(map(self._is_result, arguments)):
                    self.tainted.add(name)
            case _:
                return

    def _taint(self, target: ast.expr) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self.tainted.add(node.id)

    def _is_result(self, node: ast.expr) -> bool:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in self.tainted:
                return True
            if isinstance(inner, ast.Call) and isinstance(self._value(inner.func), Recordable):
                return True
        return False

    def _value(self, node: ast.expr) -> Any:
        """Return what a name, a dotted name or an ``.options(...)`` call stands for."""
        match node:
            case ast.Name(id=name):
                return self.known.get(name)
            case ast.Attribute(value=value, attr=name):
                return getattr(self._value(value), name, None)
            case ast.Call(func=ast.Attribute(value=value, attr="options")):
                return self._value(value)
            case _:
                return None

    # What may not be asked

    def visit_If(self, node: ast.If) -> None:
        """Refuse the truth of a result."""
        self._truth(node.test, "an if")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Refuse the truth of a result."""
        self._truth(node.test, "an if expression")
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Refuse the truth of a result."""
        self._truth(node.test, "an assert")
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Refuse a loop that a result would end."""
        self._truth(node.test, "a while")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Refuse a filter on results."""
        for test in node.ifs:
            self._truth(test, "a filter in a comprehension")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Refuse ``a or b`` of results."""
        for value in node.values:
            self._truth(value, "an 'and' or 'or'")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Refuse ``not`` of a result."""
        if isinstance(node.op, ast.Not):
            self._truth(node.operand, "a 'not'")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Refuse ``is`` and comparisons of lists of results."""
        if self._is_result(node):
            sign = "'is'" if isinstance(node.ops[0], ast.Is | ast.IsNot) else "a comparison"
            self._refuse(node, f"{sign} looks at a result", "compare in a task")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Refuse ``len``, ``type``, ``isinstance`` and the like of results."""
        if isinstance(node.func, ast.Name) and node.func.id in _QUESTIONS:
            builtin = self.known.get(node.func.id)
            if getattr(builtin, "__module__", "") == "builtins" and any(
                map(self._is_result, node.args)
            ):
                name = node.func.id
                self._refuse(node, f"{name}() looks at a result", _QUESTIONS[name])
        self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        """Refuse a ``try`` around tasks: they do not run here."""
        if any(self._is_result(n) for s in node.body for n in ast.walk(s) if _is_expr(n)):
            self._refuse(node, "a try around tasks", "catch the exception in the task")
        self.generic_visit(node)

    visit_TryStar = visit_Try

    def visit_With(self, node: ast.With) -> None:
        """Refuse a result as a context manager."""
        if any(self._is_result(item.context_expr) for item in node.items):
            self._refuse(node, "a 'with' over a result", "open it in a task")
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        """Refuse a match on a result."""
        if self._is_result(node.subject):
            self._refuse(node, "a match on a result", "decide in a task")
        self.generic_visit(node)

    def _truth(self, test: ast.expr, where: str) -> None:
        if self._is_result(test):
            self._refuse(test, f"{where} looks at a result", "decide in a task")

    def _refuse(self, node: ast.AST, what: str, instead: str) -> NoReturn:
        line = self.first + getattr(node, "lineno", 1) - 1
        raise BuildError(
            f"pipeline {self.definition.name!r}, line {line}: {what}, which has no value while the "
            f"pipeline is recorded; {instead}"
        )


def _is_expr(node: ast.AST) -> bool:
    return isinstance(node, ast.expr)
