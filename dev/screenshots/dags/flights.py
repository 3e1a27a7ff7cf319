"""A pipeline with one of each shape, slow enough to be watched: what the screenshots show."""

import time
from typing import Any

import pandas as pd

from dagger_providers import dag, loop, switch, task


@task
def airports(count: int, seed: int) -> list[dict[str, Any]]:
    """List some airports, each with the months that it was open."""
    names = ["EWR", "JFK", "LGA", "BOS", "ORD", "SFO", "DEN", "SEA"]
    return [
        {"airport": name, "months": 2 + (at + seed) % 4} for at, name in enumerate(names[:count])
    ]


@task
def months(airport: dict[str, Any]) -> list[int]:
    """Give the months of one airport."""
    return list(range(1, airport["months"] + 1))


@task
def flights(airport: dict[str, Any], month: int, pause: float) -> pd.DataFrame:
    """Make a table of flights."""
    time.sleep(pause)
    rows = range(40 * month)
    return pd.DataFrame({
        "airport": [airport["airport"] for _ in rows],
        "day": [1 + row % 28 for row in rows],
        "hour": [5 + row % 18 for row in rows],
        "delay": [round((row * 37 % 101) / 3 - 9 + month, 1) for row in rows],
    })  # fmt: skip


@task
def mean_delay(table: pd.DataFrame) -> float:
    """Average the delays."""
    return round(float(table["delay"].mean()), 2)


@task
def summary(airport: dict[str, Any], delays: list[float]) -> dict[str, Any]:
    """Sum up one airport."""
    worst = max(delays)
    return {
        "airport": airport["airport"],
        "mean": round(sum(delays) / len(delays), 2),
        "worst": worst,
    }


@dag
def airport_delays(airport: dict[str, Any], pause: float) -> dict[str, Any]:
    """All months of one airport."""
    found = []
    for month in months(airport):
        table = flights(airport, month, pause)
        found.append(mean_delay(table))
    return summary(airport, found)


@task
def verdict(summaries: list[dict[str, Any]]) -> str:
    """Say whether delays matter."""
    return "late" if max(one["worst"] for one in summaries) > 12 else "fine"  # noqa: PLR2004


@task
def apologise(summaries: list[dict[str, Any]]) -> str:
    """Write to those who waited."""
    return f"Sorry, {len(summaries)} airports."


@task
def praise(summaries: list[dict[str, Any]]) -> str:
    """Write to those who were on time."""
    return f"Well done, {len(summaries)} airports."


@task
def step(slope: float, rate: float) -> dict[str, Any]:
    """Make the estimate better."""
    better = slope + rate * (4.2 - slope)
    return {"slope": round(better, 4), "good": abs(better - 4.2) < 0.1}  # noqa: PLR2004


@task
def page(summaries: list[dict[str, Any]], letter: str, slope: float) -> dict[str, Any]:
    """Put all together."""
    delays = {one["airport"]: one["mean"] for one in summaries}
    return {"letter": letter, "slope": slope, "delays": delays}


@task
def tell(record: dict[str, Any]) -> None:
    """Tell how the run went."""
    print(record["status"])


@dag(on_exit=tell)
def flight_report(
    count: int = 5, seed: int = 1, rate: float = 0.5, pause: float = 0.5
) -> dict[str, Any]:
    """Report the delays of airports, month by month."""
    summaries = []
    for airport in airports(count, seed):
        summaries.append(airport_delays(airport, pause))
    letter = switch(verdict(summaries), {"late": apologise, "fine": praise})(summaries)
    fitted = loop(step, until="good", max_iterations=10)(slope=0.0, rate=rate)
    return {"page": page(summaries, letter, fitted["slope"]), "summaries": summaries}
