"""Write docs/parity.md from a comparison of every conformance program on every runtime.

python dev/parity_docs.py            # run everything and rewrite the page: some minutes
python dev/parity_docs.py --check    # exit 1 when it is not what the runs say
"""

import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "dev")]

from pages import DOCS, plain, table, write_or_compare  # noqa: E402

from conformance.catalog import Run, failing, program_name, programs, runs, summary  # noqa: E402
from dagger_providers.testing import Cell, parity  # noqa: E402
from dagger_providers.testing.engines import RUNTIMES  # noqa: E402

PAGE = DOCS / "parity.md"

INTRODUCTION = """\
# Parity

Every program of [`tests/conformance`](../tests/conformance) runs on every runtime, from an empty
store. An output is *equal* when it has the same bytes as the plain call's. On every runtime, the
commit records in the store and the engine's own record (Airflow's task instances, the containers
that KFP's engine started, the pods of the Argo workflow) are the executions that the plan asks for:
no more, no fewer. Where there is no plain call, or it fails since it has no retries, the local run
stands in for it.

`make docs` runs all of it and rewrites this page; the tests fail when the page is not what they
find."""

Cells = dict[tuple[str, str], Cell]


def compare() -> list[Cell]:
    """Run every program on every runtime."""
    folder = Path(tempfile.mkdtemp(prefix="parity-docs-"))
    chosen = [run for program in programs() for run in runs(program)] + failing()
    cases = [run.case(folder) for run in chosen]
    return parity(cases, store=str(folder / "stores"), progress=sys.stderr)


def page(cells: Sequence[Cell]) -> str:
    """Return the page; the same text on every machine."""
    found = {(cell.pipeline, cell.runtime): cell for cell in cells}
    refusals = dict.fromkeys(_refusals(found))
    parts = [
        INTRODUCTION,
        "## What ran it",
        table(["runtime", "what ran it"], [[f"`{n}`", _engine(found, n)] for n in RUNTIMES]),
        "## Programs",
        "In a cell: the outcome, then how the runtime expresses the program's loops. The number "
        "after a program is how many executions its runs have together.",
        table(["program", *RUNTIMES], [_row(found, program) for program in programs()]),
    ]
    if refusals:
        parts += ["## Refused", "\n".join(refusals)]
    parts += [
        "## Programs that fail",
        "On every runtime: the same node fails with the same type and message of the exception, "
        "and nothing after it runs.",
        table(["program", *RUNTIMES], [_failing_row(found, run) for run in failing()]),
    ]
    return "\n\n".join(parts) + "\n"


def _engine(found: Cells, runtime: str) -> str:
    names = {cell.engine for (_, name), cell in found.items() if name == runtime and cell.engine}
    shown = sorted({re.sub(r"(\d+\.\d+)\.\w+", r"\1", name) for name in names})
    return "; ".join(shown)


def _row(found: Cells, program: ModuleType) -> list[str]:
    own = runs(program)
    executions = sum(len(found[run.name, "local"].executions) for run in own)
    about = f"**{program_name(program)}** ({executions})<br>{plain(summary(program))}"
    about += f"<br>`{program.DRAWING}`"
    return [about, *(_outcome(found, own, runtime) for runtime in RUNTIMES)]


def _outcome(found: Cells, own: Sequence[Run], runtime: str) -> str:
    cells = [found[run.name, runtime] for run in own]
    statuses = " ".join(dict.fromkeys(cell.status for cell in cells))
    if runtime == "plain":
        return "oracle" if statuses == "equal" else plain(cells[0].reason)
    if statuses != "equal":
        return f"**{statuses}**"
    return f"equal<br>{cells[0].lowering}"


def _refusals(found: Cells) -> list[str]:
    """Return a line for each refusal, whatever the order in which the runtimes were compared."""
    return sorted(
        f"- **{name.rstrip('-0123456789')}** on `{runtime}`: {plain(cell.reason)}"
        for (name, runtime), cell in found.items()
        if cell.status == "refused" and runtime != "plain"
    )


def _failing_row(found: Cells, run: Run) -> list[str]:
    about = f"**{run.name}**<br>{plain(summary(run.module))}<br>`{run.module.DRAWING}`"
    outcomes = ["fails" if run.plain is None else plain(run.plain) or "works"]
    outcomes += [found[run.name, runtime].status for runtime in RUNTIMES[1:]]
    return [about, *outcomes]


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606
    sys.exit(write_or_compare(PAGE, lambda: page(compare())))
