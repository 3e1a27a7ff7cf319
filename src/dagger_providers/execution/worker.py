"""A worker process: runs batches that it reads from its standard input.

The messages go over a copy of the standard output; what the user's code prints goes to the
standard error, where it cannot disturb them.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from dagger_providers.execution.batches import Outcome, batch_from_json, run_batch
from dagger_providers.execution.context import RunContext, index_text
from dagger_providers.execution.failures import pack
from dagger_providers.storage import open_store


def main() -> None:
    """Serve until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    setup = json.loads(sys.stdin.readline())
    run = RunContext(open_store(setup["folder"]), setup["parameters"])
    for line in sys.stdin:
        batch = batch_from_json(json.loads(line))
        outcome = run_batch(batch, run, lambda address, index: _say(answers, [address, index]))
        _say(answers, outcome_to_json(outcome))


def _say(answers: TextIO, message: Any) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON data."""
    failure = outcome.failure
    return {
        "done": [[one.address, one.index, one.seconds] for one in outcome.done],
        "failure": [failure.address, index_text(failure.index), pack(failure.error)]
        if failure
        else None,
    }


if __name__ == "__main__":
    main()
