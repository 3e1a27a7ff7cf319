"""What the scripts that write pages of docs/ have in common: tables, and writing or comparing."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def plain(text: str) -> str:
    """Return a text as it can stand in a Markdown table."""
    return re.sub(r"([*_|<>\[\]])", r"\\\1", text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; its cells are taken as they are."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_or_compare(page: Path, make: Callable[[], str]) -> int:
    """Write a page, or with ``--check`` on the command line compare it with what is there.

    Returns:
        The script's exit code: 1 when the page is to be written anew.
    """
    text = make()
    name = page.relative_to(ROOT)
    if "--check" not in sys.argv[1:]:
        page.write_text(text, encoding="utf-8")
        print(f"wrote {name}")
        return 0
    if page.exists() and page.read_text(encoding="utf-8") == text:
        print(f"{name} is up to date")
        return 0
    sys.stderr.write(f"{name} is not what {Path(sys.argv[0]).name} makes: make docs rewrites it\n")
    return 1
