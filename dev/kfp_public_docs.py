"""Write docs/kfp-public-pipelines.md from the pipelines in tests/kfp/public.

With ``--check`` only compare it, and exit with 1 when it is not what they say. That what they say
of themselves is true is tests/kfp/test_public.py's affair.
"""

import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

from pages import DOCS, ROOT, table, write_or_compare

PAGE = DOCS / "kfp-public-pipelines.md"
sys.path.insert(0, str(ROOT / "tests" / "kfp"))

from public_catalog import NAMES, public  # noqa: E402

FOLDER = "https://github.com/kubeflow/pipelines/blob/master/test_data/sdk_compiled_pipelines/valid"
INTRODUCTION = f"""\
# KFP's own pipelines

Kubeflow Pipelines tests its SDK with [pipelines that everybody can read]({FOLDER}).
These are some of them as one writes them here. Beside each stands what one writes with the SDK; a
test compiles both and compares the graphs: containers, loops and branches, what stands in what,
what comes before what, over what a loop runs, by what a branch is chosen, which limits and
environments containers have, and what is imported, from where, as which type, for whom. Steps that
[planning inserts](kfp.md#what-is-where) are left out. A task of the SDK's has an importer for an
input, one of ours comes after it and reads the URI by itself: both count as reading it. KFP's local
engine then runs each of ours, which gives what its plain call gives, or fails where it has to.

The first link of a row leads to KFP's pipeline, the second to ours. Of the graph it says:

- **the same**: it is that of the SDK's code.
- **the same, without** some tasks: with the SDK they are conditions, here they are tasks, one
  container each. A comparison is a task whose result chooses the branch, and an `If` without an
  `Else` is a switch whose default does nothing.
- **another**, and why. Most of these are written with the SDK our way too, and the same then.

Containers are those of ours, inserted steps included, and those of the SDK's code; one that runs
for each item of a loop counts once, and an importer is none.
"""

REST = """\
## What they have that is said otherwise, or not at all

- A list that a pipeline's code writes out is no loop: `for x in [1, 2]` makes two tasks. To have a
  loop, give the list to a nested pipeline; KFP then gets its positions, where the SDK writes the
  items down.
- Several exit handlers beside each other: hooks of nested pipelines are refused on KFP.
- `parallelism` is of one loop; `concurrency` is of one task.
- The URI of an [artifact](recording.md#artifacts-files-of-your-own) comes from no parameter and no
  task. `reimport`, `download_to_workspace`, metadata of your own and types that are not KFP's
  cannot be said, and what nobody reads is not imported.
- A task has no name of a secret, processors or memory from parameters of the run, only from its
  options.
- Placeholders in a command, packages that are installed at the start, notebooks, and metadata of
  artifacts are KFP's own, for [components by hand](kfp.md#in-a-handwritten-kfp-pipeline).

Made from the pipelines in [tests/kfp/public](../tests/kfp/public) by `make docs`.
"""


def page() -> str:
    """Return the whole page."""
    head = ["pipeline", "what it shows", "graph", "containers", "runs"]
    return f"{INTRODUCTION}\n{table(head, [*map(row, NAMES)])}\n\n{REST}"


def row(name: str) -> list[str]:
    """Return a pipeline's line of the table."""
    module = public(name)
    links = f"[{name}]({FOLDER}/{module.UPSTREAM}.py), [ours](../tests/kfp/public/{name}.py)"
    told = inspect.cleandoc(module.__doc__ or "").replace("\n\n", " ").replace("\n", " ")
    counts = getattr(module, "CONTAINERS", ())
    return [links, told, "; ".join(graph(module)), ", ".join(map(str, counts)), runs(module)]


def graph(module: ModuleType) -> Iterator[str]:
    """Yield how a pipeline's graph compares."""
    if hasattr(module, "REFUSED"):
        yield f"refused: [{module.REFUSED}](capabilities.md#kubeflow-pipelines)"
        return
    added = ", ".join(f"`{task}`" for task in sorted(getattr(module, "ADDED", ())))
    if hasattr(module, "DIFFERS"):
        yield f"another: {module.DIFFERS}"
    else:
        yield f"the same, without {added}" if added else "the same"
    if hasattr(module, "AT_A_TIME"):
        yield f"items at a time: {module.AT_A_TIME}"


def runs(module: ModuleType) -> str:
    """Tell how often a pipeline is run, and how often it fails then."""
    failing = sum(bool(run.fails) for run in module.RUNS)
    return f"{len(module.RUNS)} ({failing} fails)" if failing else str(len(module.RUNS))


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page))
