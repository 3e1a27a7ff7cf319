from kfp import dsl
from oracle.components import function


@function
def fail() -> str: ...


@function
def write_marker(folder: str) -> str: ...


@dsl.pipeline
def pipeline(folder: str):
    write_marker(folder=folder).after(fail()).ignore_upstream_failure()
