"""Run a whole pipeline in one container; ``python component.py`` compiles it."""

from pathlib import Path

from kfp import compiler, dsl

IMAGE = "dagger-providers:0.1.0"


@dsl.container_component
def run_pipeline(
    ref: str,
    result: dsl.Output[dsl.Artifact],
    params: str = "{}",
    output: str = "return_value",
    store: str = "",
    run_id: str = "",
) -> dsl.ContainerSpec:
    """Run a whole dagger-providers pipeline in one container.

    Args:
        ref: The pipeline in the image: FILE.py[:NAME] or module[:NAME].
        result: The output, as its serializer writes it: JSON, Parquet, a folder of items.
        params: The pipeline's parameters: JSON text of an object.
        output: Which of the pipeline's outputs becomes the artifact.
        store: URI of a store that keeps the run, such as s3://bucket/runs; empty for none.
        run_id: What the run is called there; goes with the store.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "dagger_providers", "run-node"],
        args=[
            ref,
            "--env",
            "PYTHONHASHSEED",
            "0",
            "--params",
            params,
            "--store",
            store,
            "--run-id",
            run_id,
            "--output",
            output,
            result.path,
            "--executor-input",
            dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER,
        ],
    )


if __name__ == "__main__":
    file = Path(__file__).with_name("component.yaml")
    compiler.Compiler().compile(run_pipeline, str(file))
