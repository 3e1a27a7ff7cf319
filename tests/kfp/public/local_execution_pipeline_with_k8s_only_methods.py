"""What a task's container may use: processors, memory, an accelerator."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "local_execution/local_execution_pipeline_with_k8s_only_methods"
CONTAINERS = (1, 1)


@task(
    resources={"cpu": "1000m", "memory": "256Mi"},
    runtime_options={"kfp": {"accelerator_type": "nvidia.com/gpu", "accelerator_count": 1}},
)
def echo(message: str) -> str:
    return message


@dag
def pipeline_with_resources(message: str = "hello"):
    return echo(message)


PIPELINE = pipeline_with_resources
RUNS = [Run(gives="hello")]
