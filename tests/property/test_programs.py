"""Generated programs mean the same to Python, to their model, to their plan, and to the engines."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from dagger_providers.card.files import load_file
from dagger_providers.testing import Case, parity
from dagger_providers.testing.engines import RUNTIMES
from property.agreement import Agreed, check
from property.features import FEATURES, features_of
from property.programs import programs
from property.syntax import Program, source_of

REFUSED = 0.08
"""So large a part of all programs may be refused by design."""

ON_ENGINES = 20
"""So many of the programs run on every engine."""

Checked = list[tuple[Path, Program, Agreed]]


@pytest.fixture
def failing(pytestconfig: pytest.Config) -> Path:
    """Where the smallest program that fails is left."""
    cache = pytestconfig.cache
    assert cache is not None
    return cache.mkdir("programs") / "failing.py"


def checked(examples: int, folder: Path, failing: Path, *, fixed: bool) -> Checked:
    """Check programs, the same ones each time when they are fixed."""
    found: Checked = []
    numbers = count()

    @settings(
        max_examples=examples,
        derandomize=fixed,
        database=None,
        deadline=None,
        print_blob=not fixed,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    @given(programs())
    def each(program: Program) -> None:
        source = source_of(program)
        file = folder / f"program_{next(numbers)}.py"
        file.write_text(source, encoding="utf-8")
        try:
            agreed = check(load_file(str(file)).main, program.values)
        except Exception as error:
            failing.write_text(source, encoding="utf-8")
            error.add_note(f"in this program, which is left in {failing}:\n\n{source}")
            raise
        found.append((file, program, agreed))

    each()
    return found


def test_programs_agree(tmp_path: Path, failing: Path) -> None:
    found = checked(200, tmp_path, failing, fixed=True)
    assert sum(bool(agreed.refused) for *_, agreed in found) < REFUSED * len(found)
    seen = Counter(f for *_, agreed in found if agreed.dag for f in features_of(agreed.dag))
    assert {feature: seen[feature] for feature in FEATURES if seen[feature] < 3} == {}


@pytest.mark.nightly
def test_many_programs_agree_on_every_engine(tmp_path: Path, failing: Path) -> None:
    found = checked(2000, tmp_path, failing, fixed=False)
    assert sum(bool(agreed.refused) for *_, agreed in found) < REFUSED * len(found)
    running = [(file, program) for file, program, agreed in found if not agreed.refused]
    chosen = running[:: len(running) // ON_ENGINES][:ON_ENGINES]
    cases = [Case(f"{file}:main", program.values, file.stem) for file, program in chosen]
    cells = parity(cases, on=RUNTIMES, store=str(tmp_path / "stores"))
    other = [(c.pipeline, c.runtime, c.status, c.reason) for c in cells if c.status != "equal"]
    assert other == [], f"the programs lie in {tmp_path}"
