"""The one tree of errors; each text is one line: what, what was expected, what exists, what to do.

```
DaggerProvidersError
├── UsageError                  the call, the command or its input is wrong
│   ├── MissingExtraError       an optional dependency is not installed
│   └── CodeMismatchError       an image holds other code than the manifest
├── BuildError                  recording a pipeline was refused
├── ModelError                  a pipeline model is invalid
│   ├── CyclicDependencyError   nodes wait for each other
│   ├── UnknownReferenceError   a binding names what does not exist
│   └── SerializerMismatchError an edge is written one way and read another
├── CapabilityError             a target cannot do what a pipeline asks for
├── FormatError                 a document is of a kind or major that is not read here
├── SerializationError          a value cannot be written
├── DeserializationError        what was read is not what was expected
├── StorageError                a store did not do what was asked
│   ├── WrongKindError          a file is where a folder should be, or the other way round
│   ├── MissingValueError       nothing is there
│   └── CorruptValueError       something else is there
├── ServerError                 an orchestrator's server did not do what was asked
├── UnequalLengthsError         lists that loops walk in step differ in length
├── NoCaseError                 a switch has no branch for its selector
├── NotDoneError                a bounded repetition reached its bound
├── ImageError               a container image cannot be built or pushed
├── TaskFailed                  the user's exception, told by another process
└── RunFailed                   a run ended with a failed node
```
"""

from typing import Any

_LINE_LIMIT = 400


def one_line(text: object, limit: int = _LINE_LIMIT) -> str:
    """Fold a text, or what an exception says, into one line of at most `limit` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def counted(count: int, noun: str) -> str:
    """Return how many there are in words: ``1 node``, ``3 nodes``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def line_of(error: BaseException) -> str:
    """Return where an exception was raised, as messages end: `` (flow.py, line 3)``."""
    if isinstance(error, SyntaxError) and error.filename:
        return ""  # Python's own text says it
    traceback = error.__traceback__
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    file = traceback.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    if file.startswith("<"):
        return ""  # no file of anybody's
    return f" ({file}, line {traceback.tb_lineno})"


class DaggerProvidersError(Exception):
    """Root of every error that this package raises on its own account."""


class UsageError(DaggerProvidersError):
    """The call, the command or its input is wrong: unknown parameter, wrong type, bad REF."""


class MissingExtraError(UsageError):
    """An optional dependency is not installed.

    Args:
        thing: What needs it, as the start of a sentence: "a pandas data frame".
        extra: The extra of `dagger-providers` that installs it.
    """

    def __init__(self, thing: str, extra: str) -> None:
        super().__init__(thing, extra)
        self.thing = thing
        self.extra = extra

    def __str__(self) -> str:
        return (
            f"{self.thing} needs the extra {self.extra!r}: "
            f"pip install 'dagger-providers[{self.extra}]'"
        )


class CodeMismatchError(UsageError):
    """The image holds other code than the manifest was compiled from."""


class BuildError(DaggerProvidersError):
    """Recording a pipeline was refused; the text says what to write instead."""


class ModelError(DaggerProvidersError):
    """A pipeline model is invalid.

    Attributes:
        place: Where in the model, outermost first: ``("nodes", "fit", "inputs", "rows")``.
    """

    place: tuple[str, ...] = ()


class CyclicDependencyError(ModelError):
    """Nodes wait for each other."""


class UnknownReferenceError(ModelError):
    """A binding names a parameter, node or output that does not exist."""


class SerializerMismatchError(ModelError):
    """The two ends of an edge name different serializers."""


class CapabilityError(DaggerProvidersError):
    """A target cannot do what a pipeline asks for.

    Args:
        target: The target or runtime: "airflow", "kfp".
        reason: What it cannot do and why, in the engine's terms.
        instead: What to write instead; empty when nothing helps.
    """

    def __init__(self, target: str, reason: str, instead: str = "") -> None:
        super().__init__(target, reason, instead)
        self.target = target
        self.reason = reason
        self.instead = instead

    def __str__(self) -> str:
        text = f"{self.target}: {self.reason}"
        return f"{text}; {self.instead}" if self.instead else text


class FormatError(DaggerProvidersError):
    """A document is of another kind, or of a newer major than this version reads."""


class SerializationError(DaggerProvidersError):
    """A value cannot be written by its serializer."""


class DeserializationError(DaggerProvidersError):
    """What was read is not what its serializer expects."""


class StorageError(DaggerProvidersError):
    """A store did not do what was asked: permission, network, disk."""


class WrongKindError(StorageError):
    """A file is where a folder should be, or a folder where a file should be."""


class MissingValueError(StorageError):
    """Nothing is committed or stored at a place."""


class CorruptValueError(StorageError):
    """What is stored differs from what its record says."""


class ServerError(DaggerProvidersError):
    """An orchestrator's server cannot be reached, or did not do what was asked: network, load."""


class UnequalLengthsError(DaggerProvidersError):
    """Lists that a pipeline walks in step do not have equally many items."""


class NoCaseError(DaggerProvidersError):
    """A switch has no case for the value of its selector, and no default."""


class NotDoneError(DaggerProvidersError):
    """A repetition took all its turns, and was not done."""


class ImageError(DaggerProvidersError):
    """A container image cannot be built or pushed; the text ends with what the builder says."""


class TaskFailed(DaggerProvidersError):  # noqa: N818 - an event, named as RunFailed is
    """Stands in for a user's exception that was raised in another process.

    Args:
        type_name: Qualified name of the exception's class, as a traceback prints it.
        message: What `str` of the exception gave, exactly; may hold several lines.
        traceback_text: The formatted traceback, exactly.
    """

    def __init__(self, type_name: str, message: str, traceback_text: str = "") -> None:
        super().__init__(type_name, message, traceback_text)
        self.type_name = type_name
        self.message = message
        self.traceback_text = traceback_text

    def __str__(self) -> str:
        return f"{self.type_name}: {self.message}" if self.message else self.type_name


class RunFailed(DaggerProvidersError):  # noqa: N818 - the name of the public promise
    """A run ended with a failed node; raised from the user's exception.

    Args:
        message: One line: which node failed and how.
        run: The run, as far as it came.
        node: Address of the node that failed first.
        index: Its position in each loop around it, outermost first; `()` outside loops.
    """

    def __init__(
        self, message: str, run: Any = None, node: str = "", index: tuple[int, ...] = ()
    ) -> None:
        super().__init__(message, run, node, index)
        self.message = message
        self.run = run
        self.node = node
        self.index = index

    def __str__(self) -> str:
        return self.message


_MISUSE = (
    UsageError,
    BuildError,
    ModelError,
    CapabilityError,
    FormatError,
    DeserializationError,
    WrongKindError,
    MissingValueError,
    CorruptValueError,
)


def exit_status(error: BaseException) -> int:
    """Say with which status a command ends after `error`.

    Every command, `run-node` included, follows one rule, since an orchestrator retries by it:

    - 1: the run failed, or the user's code did (also by returning a value that cannot be
      written). Final: the task's own `retries` are already spent.
    - 2: misuse or bad input (see `UsageError`, a missing or corrupt value, a newer document).
      Trying again gives the same.
    - 3: infrastructure: a store, or an orchestrator's server, that could be reached a moment ago,
      or will be in a moment. Trying again may help.
    """
    if isinstance(error, _MISUSE):
        return 2
    if isinstance(error, StorageError | ServerError):
        return 3
    return 1
