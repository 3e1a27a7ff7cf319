"""The command line; `run-node` takes a path of its own that imports little."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `dagger-providers` and return its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given[0] == "run-node":
        from dagger_providers.cli.node import main as run_node

        return run_node(given[1:], is_command=arguments is None)
    from dagger_providers.cli.app import main as run_app

    return run_app(given, is_command=arguments is None)


__all__ = ["main"]
