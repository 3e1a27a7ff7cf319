from kfp import dsl
from oracle.components import function


@function
def flaky(folder: str, failures: int) -> str: ...


@dsl.pipeline
def pipeline(folder: str, failures: int):
    tried = flaky(folder=folder, failures=failures)
    tried.set_retry(num_retries=3, backoff_duration="0s", backoff_factor=1.0)
