"""Decorators that leave a function what it is, and let a build record its calls."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextvars import ContextVar
from functools import update_wrapper
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload

from dagger_providers.dsl.references import Reference
from dagger_providers.errors import BuildError

if TYPE_CHECKING:
    from dagger_providers.card import Stored
    from dagger_providers.model import DAG

P = ParamSpec("P")
R = TypeVar("R")

_BUILD = "dagger_providers.dsl.build"
"""Loaded when a pipeline is built: it needs the model, which decorating does not."""

_COROUTINE, _GENERATOR, _VARARGS, _VARKEYWORDS = 0x80 | 0x200, 0x20, 0x04, 0x08


class Recorder(Protocol):
    """What an active build offers to decorated functions."""

    def call(
        self, function: Recordable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Record one call and return a reference to its result."""

    def artifact(self, found: Stored) -> Any:
        """Return a reference to a value at a location of its own."""


active: ContextVar[Recorder | None] = ContextVar("active", default=None)
"""The build that records calls in this context, if any."""

_in_pipeline: ContextVar[bool] = ContextVar("_in_pipeline", default=False)
"""Whether the code that runs in this context is a pipeline's, called plainly."""


class Recordable(Generic[P, R]):
    """A decorated function: a plain call runs it, a call during a build is recorded.

    Attributes:
        settings: The options given to the decorator and to `options`, not yet checked.
        names: The names of the function's arguments.
        positional: How many of them may be given without their name.
    """

    settings: dict[str, Any]
    names: tuple[str, ...]
    positional: int
    kind = "task"
    is_decorated_function = True
    """Tells `card.functions`, which knows nothing of decorators, to look at ``__wrapped__``."""

    def __init__(self, function: Callable[P, R], settings: dict[str, Any]) -> None:
        _check_function(function, self.kind)
        self._wrap(function, settings)

    def _wrap(self, function: Callable[P, R], settings: dict[str, Any]) -> None:
        update_wrapper(self, function)
        code = function.__code__
        self.settings = settings
        self.positional = code.co_argcount
        self.names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    if TYPE_CHECKING:
        __wrapped__: Callable[P, R]
        __name__: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is equal for the same function with the same settings."""
        settings = {key: value for key, value in self.settings.items() if key != "after"}
        return (self.__wrapped__, repr(settings))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function, or record the call during a build."""
        recorder = active.get()
        if recorder is not None:
            return recorder.call(self, args, kwargs)  # type: ignore[no-any-return]
        if Reference in map(type, (*args, *kwargs.values())):
            raise BuildError(
                f"{self.kind} {self.__name__!r} is called with a result of a pipeline that is not "
                "being recorded here: call it in the pipeline's function itself, in its thread"
            )
        return self._plain_call(args, kwargs)

    def _plain_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        """Run the function; what a task yields to a pipeline may be read more than once."""
        by_pipeline = _in_pipeline.get()
        if by_pipeline and self.kind == "task":
            kwargs = self._iterated(args, kwargs)
            args = ()
        token = _in_pipeline.set(self.kind == "pipeline")
        try:
            result = self.__wrapped__(*args, **kwargs)
        finally:
            _in_pipeline.reset(token)
        if by_pipeline and isinstance(result, Iterator):
            return cast("R", list(result))
        return result

    def _iterated(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments by name; a list for which an iterator is annotated becomes one."""
        from dagger_providers.card.annotations import hints

        given = {**dict(zip(self.names, args, strict=False)), **kwargs}
        if len(args) > self.positional:
            raise TypeError(f"{self.__name__}() takes {self.positional} positional arguments")
        annotations = hints(self)
        for name, value in given.items():
            origin = getattr(annotations.get(name), "__origin__", annotations.get(name))
            if origin in (Iterator, Generator) and isinstance(value, list):
                given[name] = iter(value)
        return given

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return self
        raise BuildError(
            f"{self.kind} {self.__name__!r} is a method: other processes cannot import its object; "
            "use a function at the top level of a module"
        )

    def __repr__(self) -> str:
        return f"<{self.kind} {self.__module__}.{self.__name__}>"

    def __reduce__(self) -> str:
        return self.__wrapped__.__qualname__

    def _with(self, settings: dict[str, Any]) -> Recordable[P, R]:
        given = {name: value for name, value in settings.items() if value is not None}
        merged = {**self.settings, **given}
        for name in ("env", "resources", "runtime_options"):
            if isinstance(given.get(name), Mapping) and isinstance(
                self.settings.get(name), Mapping
            ):
                merged[name] = {**self.settings[name], **given[name]}
        other = object.__new__(type(self))
        other._wrap(self.__wrapped__, merged)
        return other


class TaskFunction(Recordable[P, R]):
    """A function decorated by `task`."""

    def options(  # noqa: PLR0913 - each is an option
        self,
        *,
        name: str | None = None,
        after: Any = None,
        retries: int | None = None,
        retry_delay: Any = None,
        retry_backoff: float | None = None,
        timeout: Any = None,
        resources: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        image: str | None = None,
        concurrency: int | None = None,
        group: str | None = None,
        allow_failure: bool | None = None,
        on_failure: Callable[..., Any] | None = None,
        cache: bool | str | None = None,
        serializer: Any = None,
        runtime_options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> TaskFunction[P, R]:
        """Return the task with other options, to be called in its place.

        Args:
            name: The node's name in this pipeline.
            after: References to results that must be there before, though they are not read.
            retries: Tries after the first.
            retry_delay: Wait before the second try: seconds, ``"30s"``, ``"5m"``, a timedelta.
            retry_backoff: The factor by which each later wait grows.
            timeout: Limit of one try: as ``retry_delay``.
            resources: What one run needs: ``{"cpu": "500m", "memory": "1Gi"}``.
            env: Environment variables of the process.
            image: The container image.
            concurrency: How many items of a loop run at a time.
            group: A name; nodes of one group run in one container, one after the other.
            allow_failure: In a loop: leave an item that fails out of the list of results.
            on_failure: A function whose result stands in when all tries failed; it gets those of
                the arguments that it has names for, and the exception as ``error``.
            cache: Take the result from an earlier run in the same store, where the same code made
                it from the same inputs; a text counts as one more input.
            serializer: What writes the result, or a mapping by key of the result.
            runtime_options: What one runtime understands, by runtime.
        """
        given = dict(locals())
        del given["self"]
        return cast("TaskFunction[P, R]", self._with(given))


class DagFunction(Recordable[P, R]):
    """A function decorated by `dag`."""

    kind = "pipeline"

    def options(
        self, *, name: str | None = None, after: Any = None, group: str | None = None
    ) -> DagFunction[P, R]:
        """Return the pipeline with other options, to be called in its place.

        Args:
            name: The node's name in the outer pipeline.
            after: References to results that must be there before, though they are not read.
            group: A name; all that the pipeline calls runs in one container.
        """
        given = {"name": name, "after": after, "group": group}
        return cast("DagFunction[P, R]", self._with(given))

    def build(self) -> DAG:
        """Record the pipeline.

        Raises:
            BuildError: The code cannot be recorded; the message says what to write instead.
            ModelError: An option or a name is not valid.
        """
        built: DAG = import_module(_BUILD).build(self)
        return built

    def run(self, **parameters: Any) -> Any:
        """Run the pipeline here and return its `Run`.

        The names ``store``, ``jobs``, ``check`` and others that `dagger_providers.runtimes.local`
        documents are options of the run unless the pipeline has a parameter of that name.

        Raises:
            UsageError: A parameter is unknown, missing or of the wrong type.
            RunFailed: A task failed, from the user's exception; not with ``check=False``.
        """
        return import_module(_BUILD).run(self, parameters)


def _check_function(function: Any, kind: str) -> None:
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", repr(function))
    if code is None or isinstance(function, Recordable):
        raise BuildError(f"@{kind} takes a plain Python function, not {function!r:.80}")
    if name == "<lambda>":
        raise BuildError(f"a lambda has no name to import it by: define the {kind} with def")
    if code.co_flags & _COROUTINE:
        raise BuildError(f"{kind} {name!r} is async: use a plain function, and asyncio.run inside")
    if code.co_posonlyargcount:
        raise BuildError(f"{kind} {name!r} has positional-only arguments: remove the '/'")
    if code.co_flags & _VARARGS:
        raise BuildError(f"{kind} {name!r} takes *args: give its arguments names, or take a list")
    if kind == "pipeline" and code.co_flags & _VARKEYWORDS:
        raise BuildError(f"pipeline {name!r} takes **kwargs: give its parameters names")
    if kind == "pipeline" and code.co_flags & _GENERATOR:
        raise BuildError(f"pipeline {name!r} is a generator: collect a list, and return it")


@overload
def task(function: Callable[P, R], /) -> TaskFunction[P, R]: ...
@overload
def task(
    *,
    name: str | None = None,
    retries: int | None = None,
    retry_delay: Any = None,
    retry_backoff: float | None = None,
    timeout: Any = None,
    resources: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    image: str | None = None,
    concurrency: int | None = None,
    group: str | None = None,
    allow_failure: bool | None = None,
    on_failure: Callable[..., Any] | None = None,
    cache: bool | str | None = None,
    serializer: Any = None,
    runtime_options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[Callable[P, R]], TaskFunction[P, R]]: ...
def task(function: Any = None, /, **settings: Any) -> Any:
    """Make a function a task; see `TaskFunction.options` for the options."""
    _check_settings(settings, "task", _TASK_SETTINGS)
    if function is not None:
        return TaskFunction(function, {})
    given = {key: value for key, value in settings.items() if value is not None}
    return lambda decorated: TaskFunction(decorated, given)


@overload
def dag(function: Callable[P, R], /) -> DagFunction[P, R]: ...
@overload
def dag(
    *,
    name: str | None = None,
    on_success: Callable[..., Any] | None = None,
    on_failure: Callable[..., Any] | None = None,
    on_exit: Callable[..., Any] | None = None,
    runtime_options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[Callable[P, R]], DagFunction[P, R]]: ...
def dag(function: Any = None, /, **settings: Any) -> Any:
    """Make a function a pipeline.

    Args:
        function: Calls tasks and other pipelines, and returns what the pipeline gives back.
        **settings: ``name``: what the pipeline is called, by default as the function;
            ``on_success``, ``on_failure``, ``on_exit``: hooks, each a task or a function of one
            argument: the run's record. They run when the pipeline is over, and not in a plain
            call; ``runtime_options``: what one runtime understands, by runtime.
    """
    _check_settings(settings, "dag", _DAG_SETTINGS)
    if function is not None:
        return DagFunction(function, {})
    given = {key: value for key, value in settings.items() if value is not None}
    if "name" in given:  # a node's name is an option of one call
        given["title"] = given.pop("name")
    return lambda decorated: DagFunction(decorated, given)


_DAG_SETTINGS = ("name", "on_success", "on_failure", "on_exit", "runtime_options")
_TASK_SETTINGS = (
    "name",
    "retries",
    "retry_delay",
    "retry_backoff",
    "timeout",
    "resources",
    "env",
    "image",
    "concurrency",
    "group",
    "allow_failure",
    "on_failure",
    "cache",
    "serializer",
    "runtime_options",
)


def _check_settings(settings: Mapping[str, Any], kind: str, known: tuple[str, ...]) -> None:
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise BuildError(
            f"@{kind} has no option {', '.join(unknown)}; its options: {', '.join(known)}"
        )
