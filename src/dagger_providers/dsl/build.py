"""Make the model of a pipeline from what recording its code gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from math import log
from types import CodeType
from typing import Any

from dagger_providers.card.functions import code_root, load
from dagger_providers.dsl.assemble import assemble
from dagger_providers.dsl.decorators import DagFunction, active
from dagger_providers.dsl.lengths import Known, Lengths
from dagger_providers.dsl.recording import Recording
from dagger_providers.dsl.records import Insight, RecordAgain
from dagger_providers.dsl.references import Tree
from dagger_providers.dsl.scan import scan
from dagger_providers.dsl.twins import check_twins
from dagger_providers.dsl.unlike import check_unlike
from dagger_providers.dsl.wiring import check_wiring
from dagger_providers.errors import (
    BuildError,
    DaggerProvidersError,
    UsageError,
    line_of,
    one_line,
)
from dagger_providers.model import DAG

_RUNNERS = {"local": "dagger_providers.runtimes.local:run"}
_MANY = 50
"""Recordings after which loops that keep turning out to belong together are given up."""

_building: ContextVar[dict[Any, DAG | None] | None] = ContextVar("_building", default=None)
"""Pipelines built, or being built (None), by the outermost active build."""


def build(function: DagFunction[..., Any]) -> DAG:
    """Record a pipeline function and return its model.

    Raises:
        BuildError: The code cannot be recorded.
        ModelError: What it says is not valid.
    """
    outermost = _building.get() is None
    with _memory() as memory:
        key = function.__wrapped__
        if key in memory:
            found = memory[key]
            if found is None:
                raise BuildError(f"pipeline {function.__name__!r} calls itself")
            return found
        memory[key] = None
        try:
            dag = _record(function).rooted(code_root(function))
        except BaseException:
            del memory[key]
            raise
        memory[key] = dag
    if outermost:
        check_wiring(dag)
    return dag


@contextmanager
def _memory() -> Iterator[dict[Any, DAG | None]]:
    memory = _building.get()
    if memory is not None:
        yield memory
        return
    memory = {}
    token = _building.set(memory)
    try:
        yield memory
    finally:
        _building.reset(token)


def _record(function: DagFunction[..., Any]) -> DAG:
    scan(function.__wrapped__)
    known: Known = {}
    two, result = _run_through(function, Lengths(2), known)
    dag = assemble(function, two, result, build)
    if two.axes.records:
        three = _again(function, Lengths(3), known, dag)
        many = _many_items(function, two.work, three.work)
        _again(function, Lengths(many), known, dag)
        check_unlike(two, lambda longer: _agrees(function, Lengths(2, longer), known, dag))
    return dag


def _agrees(function: DagFunction[..., Any], lengths: Lengths, known: Known, dag: DAG) -> bool:
    """Say whether recording with loops of other lengths gives the same model."""
    try:
        _again(function, lengths, known, dag)
    except DaggerProvidersError:
        return False
    return True


def _again(function: DagFunction[..., Any], lengths: Lengths, known: Known, dag: DAG) -> Recording:
    """Record with loops of other lengths; the model must be the same."""
    recording, result = _run_through(function, lengths, known)
    if assemble(function, recording, result, build) != dag:
        raise BuildError(
            f"pipeline {function.__name__!r}: the number of items in a loop changes what it "
            "records (a counter, len, a slice, a chunk, a list of another length, or a loop over "
            "results that are not used in it); do that in a task"
        )
    return recording


_FEWEST, _MOST, _WORK = 17, 40, 30_000
"""Items of the last recording, and about how many calls and elements of lists it may have."""


def _many_items(function: DagFunction[..., Any], two: int, three: int) -> int:
    """Return more items than any limit that the code is likely to have.

    Two and three items do not reach a limit of ten, such as ``zip(xs, "abcdefghij")``. How the
    work of a recording grows from two to three says how many items it can have.
    """
    wanted = min(max(_FEWEST, *_limits(function.__wrapped__.__code__)), _MOST)
    power = max(1.0, log(three / two) / log(3 / 2))
    return max(4, min(wanted, int(3 * (_WORK / three) ** (1 / power))))


def _limits(code: CodeType) -> Iterator[int]:
    """Yield one more than each number, and than the length of each literal, in some code."""
    yield 0
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _limits(constant)
        elif isinstance(constant, int):
            yield constant + 1
        elif isinstance(constant, str | bytes | tuple | frozenset):
            yield len(constant) + 1


def _run_through(
    function: DagFunction[..., Any], lengths: Lengths, known: Known
) -> tuple[Recording, Any]:
    """Run the code, again for as long as that shows more of how its loops go together."""
    place = f"pipeline {function.__name__!r}"
    insight = Insight()
    for _ in range(_MANY):
        recording = Recording(lengths, known, insight, place)
        try:
            return recording, _once(function, recording, place)
        except RecordAgain as again:
            insight = again.insight
    raise BuildError(f"{place}: its loops cannot be told apart; make them simpler")


def _once(function: DagFunction[..., Any], recording: Recording, place: str) -> Any:
    parameters = {name: recording.parameter(name) for name in function.names}
    token = active.set(recording)
    try:
        result = _results(recording, function.__wrapped__(**parameters), place)
    except DaggerProvidersError:
        raise
    except (ValueError, TypeError, IndexError, StopIteration) as error:
        if str(error).startswith("zip() argument"):
            raise BuildError(
                f"{place}: {one_line(error)} while it was recorded with loops of "
                f"{recording.items} items: one is a list whose length the code fixes, or that is "
                "put together otherwise than the other; pair their items in a task, and loop over "
                "its result"
            ) from error
        raise BuildError(
            f"{place}: {type(error).__name__} while it was recorded with loops of "
            f"{recording.items} items ({one_line(error)}); results have no value yet: unpack, "
            "index and compute in a task"
        ) from error
    except Exception as error:
        problem = f"{type(error).__name__}: {one_line(error)}"
        raise BuildError(f"{place}: {problem}{line_of(error)}") from error
    finally:
        active.reset(token)
    check_twins(recording)
    return result


def _results(recording: Recording, returned: Any, place: str) -> dict[str, Tree]:
    if returned is None:
        return {}
    if isinstance(returned, tuple):
        raise BuildError(f"{place} returns a tuple; return a list, or a mapping of names")
    if isinstance(returned, Mapping):
        if set(returned) == {"return_value"}:
            raise BuildError(f"{place} returns only the key 'return_value': return the value")
        return {_name(key, place): recording.result(value) for key, value in returned.items()}
    return {"return_value": recording.result(returned)}


def _name(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise BuildError(f"{place} returns a mapping with the key {key!r}; its keys must be str")
    return key


def run(function: DagFunction[..., Any], parameters: Mapping[str, Any]) -> Any:
    """Build a pipeline and run it on a runtime, by default on the local one."""
    dag = build(function)
    given = dict(parameters)
    runtime = given.pop("runtime", "local") if "runtime" not in dag.inputs else "local"
    return runner(runtime)(dag, given)


def runner(name: str) -> Callable[[DAG, dict[str, Any]], Any]:
    """Return what runs a model on the named runtime.

    Runtimes of other packages are found by the entry point group ``dagger_providers.runtimes``.

    Raises:
        UsageError: There is no such runtime.
    """
    if name in _RUNNERS:
        return load(_RUNNERS[name])  # type: ignore[no-any-return]
    from importlib.metadata import entry_points

    found = entry_points(group="dagger_providers.runtimes")
    if name not in found.names:
        known = ", ".join(sorted({*_RUNNERS, *found.names}))
        raise UsageError(f"no runtime {name!r}; there are: {known}")
    return found[name].load()  # type: ignore[no-any-return]
