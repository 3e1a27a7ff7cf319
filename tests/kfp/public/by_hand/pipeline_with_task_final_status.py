from kfp import dsl
from oracle.components import function


@function
def show(message: str) -> str: ...


@function
def fail(message: str, works: bool) -> str: ...


@function
def leave(message: str, record: dsl.PipelineTaskFinalStatus) -> None: ...


@dsl.pipeline
def pipeline(message: str = "Hello!", works: bool = False):
    with dsl.ExitHandler(leave(message=message), name="guarded"):
        show(message=message)
        fail(message="it failed", works=works)
