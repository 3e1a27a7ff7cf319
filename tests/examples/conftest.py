import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagger_providers.card.functions import load_file

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def example():
    """Import an example by its file's name."""
    return lambda name: load_file(f"{name}.py", str(EXAMPLES))


@pytest.fixture(scope="session")
def script():
    """Run an example as a script, in a process of its own; gives what it prints."""

    def script(name, store):
        done = subprocess.run(
            [sys.executable, EXAMPLES / f"{name}.py"],
            cwd=store,
            env={**os.environ, "DAGGER_STORE": str(store)},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    return script
