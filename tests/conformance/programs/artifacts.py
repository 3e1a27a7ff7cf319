"""Files of one's own, read where they lie: checked or not, in loops and nested pipelines."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dagger_providers import artifact, dag, task

DRAWING = "words.json -> [shout] -> join; rows.csv -> total, [part(rows): total]; limits -> [above]"

DATA = Path(__file__).parents[1] / "data"
WORDS = "0e6edc0a027ad556a26c004ec9a813a549fbc693c66a9cacee98087f994d5425"
ROWS = "a044dc3e3a3ab0d4497206c99c72b6182b223aa05f4a90f0f675fc08a4ccfa47"


@dataclass
class Limit:
    name: str
    at: float


@task
def shout(word: str) -> str:
    return word.upper()


@task
def join(words: list[str]) -> str:
    return " ".join(words)


@task
def total(rows: pd.DataFrame, times: int = 1) -> int:
    return times * int(rows.n.sum())


@task
def above(limit: Limit, rows: pd.DataFrame) -> str:
    return f"{limit.name}: {int((rows.n > limit.at).sum())}"


@task
def head(file: Path) -> str:
    return file.read_text().splitlines()[0] + file.suffix


@dag
def part(rows, times: int):
    return {"total": total(rows, times), "file": head(artifact(DATA / "rows.csv", Path))}


@dag
def artifacts(times: list[int]):
    words = artifact(DATA / "words.json", sha256=WORDS)
    rows = artifact(DATA / "rows.csv")
    same = artifact(DATA / "rows.csv", pd.DataFrame, sha256=f"sha256:{ROWS}")
    settings = artifact(f"file://{DATA}/settings.json")
    limits = artifact(DATA / "limits.json", list[Limit])
    shouted = [shout(word) for word in words]
    parts = [part(same, n) for n in times]
    return {
        "words": join(words),
        "shouted": shouted,
        "some": join([words[0], artifact(DATA / "mode.txt"), join(shouted)]),
        "scaled": total(rows, settings["scale"]["by"]),
        "above": [above(limit, rows) for limit in limits],
        "totals": [one["total"] for one in parts],
        "files": [one["file"] for one in parts],
    }


PIPELINE = artifacts
_READ = {
    "words": "to be or not",
    "shouted": ["TO", "BE", "OR", "NOT"],
    "some": "to sum TO BE OR NOT",
    "scaled": 126,
    "above": ["low: 1", "high: 1"],
}
RUNS = [
    ({"times": [1, 10]}, {**_READ, "totals": [42, 420], "files": ["name,n.csv"] * 2}),
    ({"times": []}, {**_READ, "totals": [], "files": []}),
]
