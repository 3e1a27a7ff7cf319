"""Write docs/reference.md from docstrings and the command line's help.

With ``--check`` only compare it, and exit with 1 when it is not what the code says.
"""

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

from pages import DOCS, write_or_compare

PAGE = DOCS / "reference.md"
MODULES = {
    "dagger_providers": "Pipelines",
    "dagger_providers.model": "The model and its documents",
    "dagger_providers.planning": "Plans",
    "dagger_providers.execution": "Running one card",
    "dagger_providers.runtimes.local": "Running here",
    "dagger_providers.tracking": "Runs and events",
    "dagger_providers.airflow": "Airflow",
    "dagger_providers.kfp": "Kubeflow Pipelines",
    "dagger_providers.argo": "Argo Workflows",
    "dagger_providers.images": "Container images",
    "dagger_providers.testing": "Comparing runtimes",
    "dagger_providers.serializers": "Serializers",
    "dagger_providers.storage": "Storage",
    "dagger_providers.errors": "Errors",
}
COMMANDS = (
    *("run", "run-node", "compile", "submit", "image", "check", "plan", "graph", "parity"),
    *("runs", "runs list", "runs show", "cache", "cache list", "cache remove", "schema"),
)

_HELPS = """
import sys
from dagger_providers.cli.app import main

for command in sys.argv[1:]:
    print(end="\\f")
    main([*command.split(), "--help"])
"""


def page() -> str:
    """Return the whole page."""
    parts = [
        "# Reference",
        "Made from the docstrings by `make docs`. Names that are not here are not public.",
        command_line(),
    ]
    documented: set[int] = set()
    for name, title in MODULES.items():
        parts.append(module_section(name, title, documented))
    return "\n\n".join(parts).rstrip() + "\n"


def command_line() -> str:
    """Return the help of every command."""
    blocks = [f"### `{command}`\n\n```text\n{help_}\n```" for command, help_ in helps()]
    return "\n\n".join(["## Command line", *blocks])


def helps() -> Iterator[tuple[str, str]]:
    """Yield what each command prints for ``--help``, at a fixed width, all from one process."""
    environment = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", _HELPS, *COMMANDS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    for command, text in zip(COMMANDS, ended.stdout.split("\f")[1:], strict=True):
        yield command, "\n".join(line.rstrip() for line in text.strip().splitlines())


def module_section(name: str, title: str, documented: set[int]) -> str:
    """Return the section of one module; a name that an earlier one documents is left out."""
    module = import_module(name)
    names = getattr(module, "__all__", None) or [
        key for key, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == name
    ]  # fmt: skip
    entries = []
    for key in names:
        found = getattr(module, key)
        if id(found) in documented or not (inspect.isclass(found) or callable(found)):
            continue
        documented.add(id(found))
        entries.append(entry(key, found))
    summary = inspect.getdoc(module) or ""
    return "\n\n".join([f"## {title}: `{name}`", summary, *entries])


def entry(name: str, found: object) -> str:
    """Return the entry of a class or function."""
    text = inspect.getdoc(found) or ""
    lines = [f"### `{name}{signature(found)}`", "", "```text", text, "```"]
    if inspect.isclass(found):
        lines += methods(found)
    return "\n".join(lines)


def methods(kind: type) -> list[str]:
    """Return the public methods that a class itself documents."""
    lines: list[str] = []
    for name, member in vars(kind).items():
        function = getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(function) and function.__doc__:
            lines += ["", f"#### `{kind.__name__}.{name}{signature(function)}`", "", "```text"]
            lines += [inspect.cleandoc(function.__doc__), "```"]
    return lines


def signature(found: object) -> str:
    """Return the names of a callable's arguments; their types stand in the docstring."""
    try:
        parameters = dict(inspect.signature(found).parameters)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    if "kwargs" in parameters and inspect.isclass(found):
        # What an operator hands on to one of ours before Airflow's.
        for kind in found.__mro__:
            if kind.__module__.startswith("dagger_providers") and "__init__" in vars(kind):
                parameters = {**inspect.signature(kind.__init__).parameters, **parameters}
        parameters["kwargs"] = parameters.pop("kwargs")
    names = []
    for one in parameters.values():
        star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        names.append(f"{star}{one.name}" + ("=" if one.default is not one.empty else ""))
    return f"({', '.join(name for name in names if name not in {'self', 'cls'})})"


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page))
