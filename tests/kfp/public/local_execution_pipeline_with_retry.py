"""A task that fails at its first try; the tries are made in its container."""

from pathlib import Path

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "local_execution/local_execution_pipeline_with_retry"
CONTAINERS = (1, 1)


@task(retries=3, retry_delay=0, retry_backoff=1.0)
def flaky(folder: str, failures: int) -> str:
    counter = Path(folder, f"tries-{failures}")
    tries = len(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text(tries * "x")
    if tries <= failures:
        raise RuntimeError(f"try {tries}")
    return f"it works at try {tries}"


@dag
def pipeline_with_retry(folder: str, failures: int):
    return flaky(folder, failures)


PIPELINE = pipeline_with_retry
RUNS = [
    Run({"folder": "SCRATCH", "failures": 1}, "it works at try 2", plain=False),
    Run({"folder": "SCRATCH", "failures": 5}, fails="flaky: RuntimeError: try 4"),
]
