"""Run one node of a pipeline by name; ``python component.py`` compiles it."""

from pathlib import Path

from kfp import compiler, dsl

IMAGE = "dagger-providers:0.1.0"


@dsl.container_component
def run_node(
    ref: str,
    node_name: str,
    store: str,
    run_id: str,
    index: str = "",
    params_file: str = "",
) -> dsl.ContainerSpec:
    """Run one node of a dagger-providers pipeline, reading and writing its values in a store.

    Args:
        ref: The pipeline in the image: FILE.py[:NAME] or module[:NAME].
        node_name: The dotted address of one of its tasks, such as fit or outer.fit.
        store: URI of the store that holds all runs, such as s3://bucket/runs.
        run_id: The run that the node belongs to; as a rule dsl.PIPELINE_JOB_ID_PLACEHOLDER.
        index: Which item of each loop around the node: 3, or 0.2; empty outside loops.
        params_file: URI of a JSON object with the pipeline's parameters; empty for its defaults.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "dagger_providers", "run-node"],
        args=[
            ref,
            "--node-name",
            node_name,
            "--store",
            store,
            "--run-id",
            run_id,
            "--index",
            index,
            "--params-file",
            params_file,
        ],
    )


if __name__ == "__main__":
    file = Path(__file__).with_name("component.yaml")
    compiler.Compiler().compile(run_node, str(file))
