"""What running here cannot do: the rows of the local runtime in the capability table."""

from __future__ import annotations

from functools import partial

from dagger_providers.planning.capabilities import Rule

_rule = partial(Rule, "local", versions=">=0.1")

TIMEOUT_IN_THREADS = _rule(
    "timeout-in-threads",
    about="a timeout, run by several threads",
    reason="a thread cannot be ended from outside",
    source="Python: threading, which has no way to stop a thread",
    instead="run it with processes or with one job",
)
ENV_IN_THREADS = _rule(
    "env-in-threads",
    about="env of a task, run by several threads",
    reason="threads share one environment",
    source="Python: os.environ is the process's",
    instead="run it with processes or with one job",
)
LIVE_FUNCTION = _rule(
    "live-function",
    about="a task whose function lives only in this process (a notebook's, or one inside another "
    "function), run by other processes",
    reason="another process imports its function by module or file",
    source="docs/node-command.md",
    instead="run it with one job or with threads, or define it at the top level of a module or "
    "file",
)
MEMORY_STORE = _rule(
    "memory-store",
    about="a store in memory://, run by several processes",
    reason="it is a dict of one process",
    source="fsspec.implementations.memory.MemoryFileSystem",
    instead="run with one job or with threads",
)
TIMEOUT_IN_MEMORY = _rule(
    "timeout-in-memory",
    about="a timeout, with a store in memory://",
    reason="what runs too long is killed, so that it runs in a process of its own",
    source="docs/node-command.md",
    instead="use a folder",
)

AIRFLOW_ONLY = _rule(
    "airflow-only",
    about="an operator of Airflow's own without a stand-in",
    reason="nothing says what to run where there is no Airflow",
    source="docs/airflow.md",
    instead="let its function do the same here, and leave out stand_in=False",
)

RULES = (
    TIMEOUT_IN_THREADS,
    ENV_IN_THREADS,
    LIVE_FUNCTION,
    MEMORY_STORE,
    TIMEOUT_IN_MEMORY,
    AIRFLOW_ONLY,
)
"""All of them, in the order of the table."""
