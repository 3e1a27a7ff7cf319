"""Find in a pipeline's source what recording cannot see.

Python asks no object before ``x is None``, ``isinstance(x, int)`` or the truth of a list, and two
or three symbolic items do not reach a limit of ten: a recording would go on with a wrong answer.
This reads the syntax tree of the function instead, and of the functions that it hands results to.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, NoReturn

from dagger_providers.dsl.taint import RECORDED, Taint
from dagger_providers.errors import BuildError

_QUESTIONS = {
    "all": "decide in a task",
    "any": "decide in a task",
    "bool": "decide in a task",
    "callable": "look at the value in a task",
    "hasattr": "look at the value in a task",
    "id": "compare in a task",
    "isinstance": "look at the value in a task",
    "issubclass": "look at the value in a task",
    "len": "count in a task",
    "type": "look at the value in a task",
}
_KEEPS_ALL = frozenset({"chain", "from_iterable", "product", "repeat", "starmap", "tee"})
"""What of itertools gives all items on; everything else counts or selects them."""


def scan(function: Callable[..., Any]) -> None:
    """Refuse code whose recording would not mean what its plain call means.

    A function whose source cannot be had (typed at a prompt) is not checked.

    Raises:
        BuildError: Naming the line and what to write instead.
    """
    _scan(function, None, f"pipeline {function.__name__!r}", set())


def _scan(function: Any, given: set[str] | None, place: str, seen: set[Any]) -> None:
    """Check a function whose arguments ``given`` are results (by default, all are)."""
    found = _definition(function)
    if found is None:
        return
    definition, first = found
    arguments = definition.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    extra = {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
    tainted = names | extra if given is None else (names & given) | extra
    taint = Taint(definition, _known(function), tainted)
    _Scan(taint, first, place, seen).check()


def _definition(function: Any) -> tuple[ast.FunctionDef, int] | None:
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    definition = next((n for n in tree.body if isinstance(n, ast.FunctionDef)), None)
    return None if definition is None else (definition, first)


def _known(function: Any) -> Mapping[str, Any]:
    """Return what the names in a function stand for."""
    enclosed: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            enclosed[name] = cell.cell_contents
        except ValueError:  # not bound yet
            continue
    return {**vars(builtins), **function.__globals__, **enclosed}


class _Scan(ast.NodeVisitor):
    """Refuses questions about results."""

    def __init__(self, taint: Taint, first: int, place: str, seen: set[Any]) -> None:
        self.taint = taint
        self.first = first
        self.place = place
        self.seen = seen
        self.loops: list[bool] = []

    def check(self) -> None:
        for statement in self.taint.definition.body:
            self.visit(statement)

    # Truth

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
        self._loop(node, over_results=False)

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
        if self.taint.reaches(node):
            sign = "'is'" if isinstance(node.ops[0], ast.Is | ast.IsNot) else "a comparison"
            self._refuse(node, f"{sign} looks at a result", "compare in a task")
        self.generic_visit(node)

    # How many there are

    def visit_For(self, node: ast.For) -> None:
        """Note whether a loop is over results, for what ends it early."""
        self._loop(node, over_results=self.taint.reaches(node.iter))

    def _loop(self, node: ast.For | ast.While, *, over_results: bool) -> None:
        self.loops.append(over_results)
        self.generic_visit(node)
        self.loops.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Look into a function of the function, whose returns leave no loop around it."""
        around, self.loops = self.loops, []
        self.generic_visit(node)
        self.loops = around

    def visit_Break(self, node: ast.Break) -> None:
        """Refuse to leave out the rest of the items."""
        if self.loops[-1]:
            self._refuse(node, "a break leaves a loop over results", "select the items in a task")

    def visit_Return(self, node: ast.Return) -> None:
        """Refuse to leave out the rest of the items."""
        if any(self.loops):
            self._refuse(node, "a return leaves a loop over results", "select the items in a task")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Refuse a slice of results."""
        if isinstance(node.slice, ast.Slice) and self.taint.reaches(node.value):
            self._refuse(node, "a slice selects some of the results", "slice in a task")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Refuse ``first, *rest = results``."""
        starred = any(isinstance(n, ast.Starred) for t in node.targets for n in ast.walk(t))
        built = isinstance(node.value, ast.Tuple | ast.List)
        if starred and not built and self.taint.reaches(node.value):
            self._refuse(node, "unpacking selects some of the results", "select in a task")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Refuse ``len``, ``type`` and the like of results, and look into the user's functions."""
        given = [
            a for a in (*node.args, *(k.value for k in node.keywords)) if self.taint.reaches(a)
        ]
        if given:
            function = self.taint.value(node.func)
            name = getattr(function, "__name__", "")
            if getattr(function, "__module__", "") == "builtins" and name in _QUESTIONS:
                self._refuse(node, f"{name}() looks at a result", _QUESTIONS[name])
            if _is_of_itertools(function) and name not in _KEEPS_ALL:
                self._refuse(node, f"itertools.{name}() selects results", "do it in a task")
            if isinstance(function, FunctionType) and function not in RECORDED:
                self._look_into(function, node)
        self.generic_visit(node)

    def _look_into(self, function: FunctionType, node: ast.Call) -> None:
        names = function.__code__.co_varnames
        given = {
            name
            for name, argument in zip(names, node.args, strict=False)
            if self.taint.reaches(argument)
        }
        given |= {k.arg or "" for k in node.keywords if self.taint.reaches(k.value)}
        if any(isinstance(a, ast.Starred) for a in node.args):
            given = set(names)
        key = (function, frozenset(given))
        if key not in self.seen:
            self.seen.add(key)
            _scan(function, given, f"{self.place}, function {function.__name__!r}", self.seen)

    # Blocks

    def visit_Try(self, node: ast.Try) -> None:
        """Refuse a ``try`` around tasks: they do not run here."""
        inner = (n for statement in node.body for n in ast.walk(statement))
        if any(self.taint.reaches(n) for n in inner if isinstance(n, ast.expr)):
            self._refuse(node, "a try around tasks", "catch the exception in the task")
        self.generic_visit(node)

    def visit_TryStar(self, node: ast.TryStar) -> None:
        """Refuse a ``try`` around tasks: they do not run here."""
        self.visit_Try(node)  # type: ignore[arg-type]  # has the same parts

    def visit_With(self, node: ast.With) -> None:
        """Refuse a result as a context manager."""
        if any(self.taint.reaches(item.context_expr) for item in node.items):
            self._refuse(node, "a 'with' over a result", "open it in a task")
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        """Refuse a match on a result."""
        if self.taint.reaches(node.subject):
            self._refuse(node, "a match on a result", "decide in a task")
        self.generic_visit(node)

    def _truth(self, test: ast.expr, where: str) -> None:
        if self.taint.reaches(test):
            self._refuse(test, f"{where} looks at a result", "decide in a task")

    def _refuse(self, node: ast.AST, what: str, instead: str) -> NoReturn:
        line = self.first + getattr(node, "lineno", 1) - 1
        raise BuildError(
            f"{self.place}, line {line}: {what}, which has no value while the pipeline is "
            f"recorded; {instead}"
        )


def _is_of_itertools(function: Any) -> bool:
    return getattr(function, "__module__", "") == "itertools" or (
        getattr(getattr(function, "__self__", None), "__module__", "") == "itertools"
    )
