"""A parameter longer than one argument of a Linux command may be."""

from dagger_providers import dag, task

DRAWING = "text -> length"
REFUSED = {"argo": "Linux limits", "kfp": "Linux limits"}


@task
def length(text: str) -> int:
    return len(text)


@dag
def huge_parameter(text: str):
    return length(text)


PIPELINE = huge_parameter
RUNS = [({"text": "z" * 150_000}, 150_000)]
