import inspect
import pickle

import pytest

from dagger_providers import errors
from dagger_providers.errors import (
    BuildError,
    CapabilityError,
    CodeMismatchError,
    CorruptValueError,
    CyclicDependencyError,
    DaggerProvidersError,
    DeserializationError,
    FormatError,
    MissingExtraError,
    MissingValueError,
    RunFailed,
    SerializationError,
    ServerError,
    StorageError,
    TaskFailed,
    UsageError,
    WrongKindError,
    counted,
    exit_status,
    one_line,
)

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == errors.__name__
]


def test_the_docstring_draws_every_class_under_its_parent():
    drawn = {}
    above = {}
    for line in errors.__doc__.splitlines():
        name = line.lstrip("│├└─ ").split(" ")[0]
        if not name.isidentifier() or not hasattr(errors, name):
            continue
        depth = (len(line) - len(line.lstrip("│├└─ "))) // 4
        above[depth] = name
        drawn[name] = above[depth - 1] if depth else "Exception"
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}


def test_an_extra_is_named_with_the_command_that_installs_it():
    error = MissingExtraError("a data frame of pandas", "pandas")
    assert str(error) == (
        "a data frame of pandas needs the extra 'pandas': pip install 'dagger-providers[pandas]'"
    )
    assert isinstance(error, UsageError)


def test_a_capability_error_says_what_to_write_instead():
    error = CapabilityError("kfp", "has no while loop", "bound it with loop(max_iterations=...)")
    assert str(error) == "kfp: has no while loop; bound it with loop(max_iterations=...)"
    assert str(CapabilityError("kfp", "has no while loop")) == "kfp: has no while loop"


def test_a_foreign_exception_keeps_its_message_exactly():
    error = TaskFailed("ValueError", "two\n  lines", "Traceback ...")
    assert (error.type_name, error.message) == ("ValueError", "two\n  lines")
    assert str(error) == "ValueError: two\n  lines"
    assert str(TaskFailed("KeyboardInterrupt", "")) == "KeyboardInterrupt"


def test_a_failed_run_says_where():
    error = RunFailed("node 'fit' failed at 2: boom", run={"id": 1}, node="fit", index=(2,))
    assert (error.run, error.node, error.index) == ({"id": 1}, "fit", (2,))
    assert str(error) == "node 'fit' failed at 2: boom"


@pytest.mark.parametrize(
    "error",
    [
        UsageError("a"),
        MissingExtraError("a", "b"),
        CapabilityError("a", "b", "c"),
        TaskFailed("a", "b", "c"),
        RunFailed("a", {"r": 1}, "n", (1, 2)),
    ],
)
def test_errors_cross_processes(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("x"), 2),
        (MissingExtraError("x", "y"), 2),
        (CodeMismatchError("x"), 2),
        (BuildError("x"), 2),
        (CyclicDependencyError("x"), 2),
        (CapabilityError("x", "y"), 2),
        (FormatError("x"), 2),
        (WrongKindError("x"), 2),
        (MissingValueError("x"), 2),
        (CorruptValueError("x"), 2),
        (DeserializationError("x"), 2),
        (StorageError("x"), 3),
        (ServerError("x"), 3),
        (SerializationError("x"), 1),
        (TaskFailed("x", "y"), 1),
        (RunFailed("x"), 1),
        (DaggerProvidersError("x"), 1),
        (ValueError("the user's"), 1),
        (OSError("the user's"), 1),
    ],
)
def test_exit_status_tells_misuse_and_infrastructure_from_failure(error, status):
    assert exit_status(error) == status


def test_a_text_becomes_one_line_of_bounded_length():
    assert one_line("a\n\n  b\tc") == "a b c"
    assert one_line("x" * 50, limit=10) == "x" * 9 + "…"
    assert one_line(ValueError("a\nb")) == "a b"


def test_one_is_no_plural():
    assert [counted(number, "node") for number in range(3)] == ["0 nodes", "1 node", "2 nodes"]
