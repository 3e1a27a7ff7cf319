"""Run every benchmark in this folder and print its figures; fails if one is over its limit."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    """Run the scripts ``bench_*.py`` one after the other; return how many failed."""
    failed = []
    for script in sorted(FOLDER.glob("bench_*.py")):
        print(f"== {script.stem.removeprefix('bench_')}", flush=True)
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            failed.append(script.name)
    if failed:
        print(f"over a limit: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main() > 0)
