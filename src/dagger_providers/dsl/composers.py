"""Conditions and repetitions: `switch` and `loop`, in a plain call and in a recording."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from dagger_providers.card.axes import Choice, case_of, check_cases, selector_value
from dagger_providers.dsl.calls import bind
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.references import Reference
from dagger_providers.errors import BuildError, NoCaseError, NotDoneError, counted

SELECTOR, POSITIONAL = "", "#"
"""Among the arguments of a switch: its selector, and how many were given without their name."""


class Composition(Recordable[..., Any]):
    """Several functions that are called as one.

    Attributes:
        parts: The functions, by the names that they have in addresses.
    """

    parts: Mapping[str, Recordable[..., Any]]
    is_decorated_function = False

    def __init__(
        self, name: str, parts: Mapping[str, Recordable[..., Any]], settings: Mapping[str, Any]
    ) -> None:
        self.__name__ = name
        self.parts = parts
        self.settings = {key: value for key, value in settings.items() if value is not None}

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is equal for compositions of equal parts."""
        parts = tuple((name, part.identity) for name, part in self.parts.items())
        return (self.kind, parts, self.settings.get("name"))

    @abstractmethod
    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any], place: str) -> dict[str, Any]:
        """Return the value of each argument by name; see `bind`."""

    def options(self, **_: Any) -> Any:
        """Refuse what a task's call takes.

        Raises:
            BuildError: Always; it says where options go.
        """
        raise BuildError(
            f"a {self.kind} has no options(): give name= and after= to {self.kind}(...) itself, "
            "and what is run its own"
        )

    def __repr__(self) -> str:
        return f"<{self.kind} of {', '.join(part.__name__ for part in self.parts.values())}>"


class SwitchFunction(Composition):
    """A switch whose selector is known when the pipeline runs.

    Attributes:
        selector: The reference that chooses.
        cases: The name and value of each case.
        default: The name of the branch for any other value, if there is one.
    """

    kind = "switch"

    def __init__(
        self,
        selector: Reference,
        parts: Mapping[str, Recordable[..., Any]],
        cases: tuple[tuple[str, Any], ...],
        default: str | None,
        settings: Mapping[str, Any],
    ) -> None:
        super().__init__("switch", parts, settings)
        self.selector = selector
        self.cases = cases
        self.default = default

    @property
    def identity(self) -> tuple[Any, ...]:
        """See `Composition.identity`."""
        return (*super().identity, repr(self.cases), self.default)

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any], place: str) -> dict[str, Any]:
        """Return the arguments, named as the first branch names them; see `bind`."""
        for case, branch in self.parts.items():
            bind(branch, args, kwargs, f"{place}, case {case!r}")
        first, *_ = self.parts.values()
        named = {**dict(zip(first.names, args, strict=False)), **kwargs}
        return {SELECTOR: self.selector, POSITIONAL: len(args), **named}

    def _plain_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise BuildError(
            "a switch by a result of a pipeline is called where that pipeline is not being "
            "recorded: call it in the pipeline's function itself, in its thread"
        )


class LoopFunction(Composition):
    """A repetition; see `loop`.

    Attributes:
        body: What is repeated.
        until: The key that ends it.
        max_iterations: So many turns at most.
        exhausted: ``fail`` or ``return``.
    """

    kind = "loop"

    def __init__(
        self,
        body: Recordable[..., Any],
        until: str,
        max_iterations: int,
        exhausted: str,
        settings: Mapping[str, Any],
    ) -> None:
        super().__init__(body.__name__, {"turn": body}, settings)
        self.body = body
        self.until = until
        self.max_iterations = max_iterations
        self.exhausted = exhausted

    @property
    def identity(self) -> tuple[Any, ...]:
        """See `Composition.identity`."""
        return (*super().identity, self.until, self.max_iterations, self.exhausted)

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any], place: str) -> dict[str, Any]:
        """Return the arguments, named as the body names them; see `bind`."""
        return bind(self.body, args, kwargs, place)

    def _plain_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        state = bind(self.body, args, kwargs, "loop")
        for _ in range(self.max_iterations):
            result = self.body(**state)
            if self._is_done(result):
                return result
            state |= {name: result[name] for name in self.body.names if name in result}
        if self.exhausted == "return":
            return result
        raise NotDoneError(
            f"loop of {self.body.__name__!r} was not done after "
            f"{counted(self.max_iterations, 'turn')}; raise max_iterations, or take "
            "what there is with exhausted='return'"
        )

    def _is_done(self, result: Any) -> bool:
        if not isinstance(result, Mapping) or self.until not in result:
            raise NotDoneError(
                f"loop of {self.body.__name__!r}: its body must return a mapping with the key "
                f"{self.until!r}, got {result!r:.80}"
            )
        done = result[self.until]
        if not isinstance(done, bool):
            raise NotDoneError(
                f"loop of {self.body.__name__!r}: {self.until!r} must be a bool, got {done!r:.80}"
            )
        return done


def switch(
    selector: Any,
    cases: Mapping[Any, Callable[..., Any]],
    default: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    after: Any = None,
) -> Callable[..., Any]:
    """Return what calls one of several tasks or pipelines, as a value chooses.

    Example: ``switch(kind, {"csv": read_csv, "json": read_json}, default=fail)(path)``. One branch
    runs, with the arguments; what it returns is the result. Of the result a pipeline may read what
    every branch offers.

    Args:
        selector: A str, an int, a bool or an enum's member; it chooses by type and value.
        cases: The branches by the value that chooses them: tasks and pipelines.
        default: The branch for any other value; without it, another value fails.
        name: The node's name in the pipeline, by default ``switch``; a branch's address is
            ``name.case``.
        after: References to results that must be there before, though they are not read.

    Raises:
        BuildError: A branch is no task or pipeline, or cases cannot be told apart.
        NoCaseError: In a plain call: no case for the value, and no default.
    """
    branches: dict[str, Recordable[..., Any]] = {}
    values: list[tuple[str, Any]] = []
    for value, branch in _checked(cases).items():
        plain = _case_value(value)
        case = _case_name(plain, {*branches, "default"})
        branches[case] = _composed(branch, f"switch: case {value!r}", "switch(...)")
        values.append((case, plain))
    check_cases([value for _, value in values])
    otherwise = None
    if default is not None:
        otherwise = "default"
        branches[otherwise] = _composed(default, "switch: the default", "switch(...)")
    if isinstance(selector, Reference):
        settings = {"name": name, "after": after}
        return SwitchFunction(selector, branches, tuple(values), otherwise, settings)
    choice = Choice(name or "switch", "", tuple(values), otherwise or "")
    return branches[case_of(selector, choice)]


def _checked(cases: Any) -> Mapping[Any, Any]:
    if not isinstance(cases, Mapping) or not cases:
        raise BuildError(
            f"switch takes a dict of tasks or pipelines by value, as in {{'csv': read_csv}}, not "
            f"{cases!r:.80}"
        )
    return cases


def _composed(function: Any, place: str, maker: str) -> Recordable[..., Any]:
    """Return a function that a composition is made of.

    Raises:
        BuildError: It is none; the message says what to write.
    """
    if isinstance(function, Composition):
        problem = f"a {function.kind}: call it in a pipeline (a function with @dag), and give that"
    elif isinstance(function, Reference):
        problem = f"a result: give the task itself, and its arguments to what {maker} returns"
    elif not isinstance(function, Recordable):
        name = getattr(function, "__name__", None)
        shown = f"function {name!r}" if name else f"{function!r:.60}"
        problem = f"{shown}; decorate a function with @task or @dag"
    elif "after" in function.settings:
        raise BuildError(f"{place} has after=, which is for a call: give it to {maker} itself")
    else:
        return function
    raise BuildError(f"{place} must be a task or a pipeline, not {problem}")


def _case_value(value: Any) -> str | int | bool:
    try:
        return selector_value(value)
    except NoCaseError:
        raise BuildError(
            f"switch: case {value!r:.60} is no str, int or bool, and no member of an enum of such; "
            "choose by one of these"
        ) from None


def _case_name(value: str | int | bool, taken: set[str]) -> str:
    """Return what the branch of a case is called in addresses."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(value).lower())
    base = kept.strip("-")[:40] or "case"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def loop(
    body: Callable[..., Any],
    until: str = "done",
    max_iterations: int = 10,
    *,
    exhausted: str = "fail",
    name: str | None = None,
    after: Any = None,
) -> Callable[..., Any]:
    """Return what calls a task or a pipeline again and again, until it says that it is done.

    Example: ``loop(improve, until="good", max_iterations=20)(model, rows)``. The body returns a
    mapping: what it has under the name of one of the body's arguments is that argument of the next
    turn; the others stay as they are. The result is the mapping of the last turn.

    Args:
        body: A task or a pipeline that returns a mapping.
        until: The key whose value, a bool, ends the repetition when it is True.
        max_iterations: So many turns at most.
        exhausted: What happens when the last of these did not end it: ``fail``, or ``return`` what
            it gave.
        name: The node's name in the pipeline, by default the body's.
        after: References to results that must be there before, though they are not read.

    Raises:
        BuildError: An argument is wrong.
        NotDoneError: In a plain call: the bound was reached, or the body gives no such bool.
    """
    function = _composed(body, "loop: its body", "loop(...)")
    if not isinstance(until, str):
        raise BuildError(f"loop: until is a key of what the body returns, a str, not {until!r:.60}")
    if exhausted not in {"fail", "return"}:
        raise BuildError(f"loop: exhausted is 'fail' or 'return', not {exhausted!r}")
    if type(max_iterations) is not int or max_iterations < 1:
        raise BuildError(
            f"loop: max_iterations is an int from 1, known when the pipeline is built, not "
            f"{max_iterations!r:.60}"
        )
    settings = {"name": name, "after": after}
    return LoopFunction(function, until, max_iterations, exhausted, settings)


COMPOSERS = (switch, loop)
"""Functions that make a call of a task or pipeline."""
