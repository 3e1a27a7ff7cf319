"""A worker process: runs batches that it reads from its standard input.

The messages go over a copy of the standard output; what the user's code prints goes to the
standard error, where it cannot disturb them.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from typing import Any, TextIO

from dagger_providers.execution.batches import Outcome, batch_from_json, execute_here, run_batch
from dagger_providers.execution.context import RunContext, index_text
from dagger_providers.execution.failures import pack
from dagger_providers.storage import open_store


def main() -> None:
    """Serve until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    _close_input()
    setup = json.loads(orders.readline())
    say = partial(_say, answers)

    def tell(*what: str | float | None) -> None:
        say(["item", *what])

    folder = open_store(setup["folder"])
    given = setup["parameters"]
    run = RunContext(folder, given, setup["root"], setup["run_id"], setup["caches"])
    execute = execute_here(run.telling(tell), say)
    for line in orders:
        outcome = run_batch(batch_from_json(json.loads(line)), tell, execute)
        say(["end", *_outcome(outcome)])


def _close_input() -> None:
    """Give the user's code an empty standard input: ours holds orders."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)


def _say(answers: TextIO, message: list[Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _outcome(outcome: Outcome) -> list[Any]:
    done = [[one.address, one.index, one.seconds, one.how] for one in outcome.done]
    failure = outcome.failure
    if failure is None:
        return [done, None]
    return [done, [failure.address, index_text(failure.index), pack(failure.error)]]


if __name__ == "__main__":
    main()
