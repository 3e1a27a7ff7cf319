"""The public pipelines that are written in our DSL, and what a module in `public` says of one.

- ``UPSTREAM``: its file in `test_data/sdk_compiled_pipelines/valid` of kubeflow/pipelines. What it
  shows is the first line of the module's text; what follows there is told too.
- ``CONTAINERS``: how many tasks run one in what we compile, inserted steps included, and in what
  the SDK does; one in a loop or in a branch counts once, and an importer is none.
- ``PIPELINE`` and ``RUNS``: the pipeline as we write it, and runs of it that one store keeps.
- ``ADDED``: tasks whose work the SDK does without a container, such as a comparison.
- ``DIFFERS``: why the graph is another than that of `by_hand`, where it is. What is `alike` there
  says it our way, where the SDK can, and has our graph.
- ``OBJECTS``: what lies in the bucket, by keys, where artifacts are imported.
- ``AT_A_TIME``: why loops run another number of items at a time, where they do.
- ``REFUSED``: the row of the capability table by which we refuse it; it has no runs then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

NAMES = sorted(file.stem for file in Path(__file__).with_name("public").glob("*.py"))


def public(name: str) -> ModuleType:
    """Return a public pipeline as we write it."""
    return import_module(f"public.{name}")


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        parameters: Values by name; ``"SCRATCH"`` is a folder of the test.
        gives: The outputs.
        fails: The failure as the engine tells it; empty when it succeeds.
        plain: Whether the plain call gives the same, which knows no retries and no environments.
        says: What the containers print, among others.
        never: What they do not.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    gives: Any = None
    fails: str = ""
    plain: bool = True
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
