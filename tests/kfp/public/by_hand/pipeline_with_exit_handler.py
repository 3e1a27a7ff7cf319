from kfp import dsl
from oracle.components import function


@function
def show(message: str) -> str: ...


@function
def fail(message: str, works: bool) -> str: ...


@function
def leave(record: dsl.PipelineTaskFinalStatus) -> None: ...


@dsl.pipeline
def pipeline(message: str = "Hello World!", works: bool = False):
    with dsl.ExitHandler(leave()):
        show(message=message)
        fail(message="it failed", works=works)
