"""Record pipelines from plain Python code."""

from dagger_providers.dsl.decorators import DagFunction, TaskFunction, dag, task

__all__ = ["DagFunction", "TaskFunction", "dag", "task"]
