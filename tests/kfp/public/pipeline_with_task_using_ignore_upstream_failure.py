"""A task that runs though the one that it reads failed, and reads its own default then.

What stands in for the result is said by the task that fails, so that the run succeeds; KFP's fails
after the reader.
"""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_with_task_using_ignore_upstream_failure"
CONTAINERS = (2, 2)


def default(error: Exception) -> str:
    return f"default, since {error}"


@task(on_failure=default)
def fail(message: str, works: bool) -> str:
    if not works:
        raise ValueError(message)
    return message


@task
def show(message: str) -> str:
    return message


@dag
def ignore_upstream_failure(message: str = "message", works: bool = False):
    return show(fail(message, works))


PIPELINE = ignore_upstream_failure
RUNS = [Run(gives="default, since message", plain=False), Run({"works": True}, "message")]
