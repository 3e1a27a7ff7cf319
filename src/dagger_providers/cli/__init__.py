"""The command line; `run-node` takes a path of its own that imports little."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `dagger-providers` and return its exit status.

    Args:
        arguments: The command line; None: that of the process, which ends with the command.
    """
    if arguments is None:
        from dagger_providers.cli.launch import leave, open_streams

        open_streams()
        leave(_main(sys.argv[1:], is_command=True))
    return _main(list(arguments), is_command=False)


def _main(given: list[str], *, is_command: bool) -> int:
    if given and given[0] == "run-node":
        from dagger_providers.cli.node import main as run_node

        return run_node(given[1:], is_command=is_command)
    from dagger_providers.cli.app import main as run_app

    return run_app(given, is_command=is_command)


__all__ = ["main"]
