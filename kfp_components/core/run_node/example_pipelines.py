"""A pipeline by hand that runs two nodes of one of ours, with a component of its own between."""

from pathlib import Path

from kfp import components, dsl

run_node = components.load_component_from_file(str(Path(__file__).with_name("component.yaml")))


@dsl.container_component
def announce(store: str) -> dsl.ContainerSpec:
    """Stand for whatever the pipeline does besides.

    Args:
        store: Where the values lie.
    """
    code = "import sys; print('half way; values are in', sys.argv[1])"
    return dsl.ContainerSpec(image="python:3.12-slim", command=["python", "-c", code], args=[store])


@dsl.pipeline(name="two-nodes")
def two_nodes(
    store: str, ref: str = "flow.py:flow", first: str = "first", last: str = "last"
) -> None:
    """Run a node, something else, and a node that reads the first one's result.

    Args:
        store: URI of the store that holds all runs.
        ref: The pipeline in the image.
        first: The node to begin with.
        last: The node that reads its result.
    """
    run_id = dsl.PIPELINE_JOB_ID_PLACEHOLDER
    begun = run_node(ref=ref, node_name=first, store=store, run_id=run_id)
    told = announce(store=store).after(begun)
    ended = run_node(ref=ref, node_name=last, store=store, run_id=run_id).after(told)
    for task in (begun, ended):
        # A cached task leaves nothing in this run's folder of the store.
        task.set_caching_options(False)
        task.set_env_variable("PYTHONHASHSEED", "0")
