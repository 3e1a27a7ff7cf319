"""One task in one pipeline: ``dagger-providers run examples/hello.py -p name=Ada``."""

from dagger_providers import dag, task


@task
def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello, {name}!"


@dag
def hello(name: str = "world") -> str:
    """Say hello."""
    return greet(name)


if __name__ == "__main__":
    print(hello(name="a plain call"))  # runs the functions, nothing else
    print(hello.run(name="a run").outputs["return_value"])  # goes through the store
