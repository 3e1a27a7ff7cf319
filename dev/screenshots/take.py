"""Take the pictures of the plugin that the docs show, of a real Airflow: ``make screenshots``.

It starts `dev/airflow.sh` on a port of its own, runs the pipeline in ``dags/`` twice, and looks at
it with a headless Chromium (``apt-get install chromium``). It takes some minutes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
IMAGES = ROOT / "docs" / "images"
DAG = "flight-report"
PORT = os.environ.get("PORT", "18094")
URL = f"http://127.0.0.1:{PORT}"
SIZE = (1280, 720)
_NODES = "document.querySelector('iframe')?.contentDocument?.querySelector('.node.task .detail')"

sys.path.insert(0, str(ROOT / "tests" / "browser"))


@contextmanager
def airflow(home: str) -> Iterator[None]:
    """Start an Airflow of its own, and end all of it."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": home,
        "DAGS": str(HERE / "dags"),
        "PORT": PORT,
        "PYTHONPATH": str(ROOT / "src"),
    }
    with Path(home, "standalone.log").open("w") as log:
        process = subprocess.Popen(
            ["bash", str(ROOT / "dev" / "airflow.sh")], env=environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait("Airflow", lambda: call(f"/api/v2/dags/{DAG}")["dag_id"] == DAG, 400)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def call(path: str, body: Any = None) -> Any:
    """Ask Airflow's API."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(URL + path, data, headers), timeout=60) as answer:  # noqa: S310 - our own
        return json.load(answer)


def wait(what: str, done: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if done():
                return
        except (URLError, OSError, KeyError):
            pass
        time.sleep(1)
    sys.exit(f"{what}: not there after {seconds} s")


def trigger(**conf: Any) -> str:
    """Start a run, and return its id in the form that addresses have."""
    body = {"logical_date": None, "conf": conf}
    return quote(call(f"/api/v2/dags/{DAG}/dagRuns", body)["dag_run_id"], safe="")


def tasks(run: str) -> dict[str, dict[str, int]]:
    """Return how many instances of each task are in which state."""
    found: dict[str, dict[str, int]] = call(f"/dagger/states/{DAG}/{run}")["tasks"]
    return found


def is_over(run: str) -> bool:
    """Whether a run has succeeded."""
    return bool(call(f"/dagger/states/{DAG}/{run}")["run"]["state"] == "success")


def main() -> None:
    """Take all pictures."""
    from chromium import browser, find_chromium

    chromium = find_chromium()
    if chromium is None:
        sys.exit("there is no chromium: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshots-") as home, airflow(home):
        first = trigger(count=3, pause=0.0)
        wait("the first run", lambda: is_over(first), 900)
        second = trigger(count=5, pause=3.0, rate=0.4)
        slow = "airport-delays.flights"
        wait("half of the items", lambda: tasks(second)[slow].get("success", 0) > 5, 900)  # noqa: PLR2004
        with browser(chromium) as page:
            page.size(*SIZE)

            def shoot(name: str, path: str, ready: str) -> None:
                page.goto(URL + path)
                page.wait(ready, 60)
                time.sleep(2.5)  # what moves, and Airflow's own parts
                page.screenshot(IMAGES / f"{name}.png")
                shrink(IMAGES / f"{name}.png")

            run = f"/dags/{DAG}/runs/{second}"
            ready = f"/[0-9] done/.test({_NODES}?.ownerDocument.body.textContent)"
            shoot("airflow-graph", f"{run}/plugin/dagger-graph", ready)
            shoot(
                "airflow-task",
                f"/dags/{DAG}/runs/{first}/tasks/{slow}/mapped/4/plugin/dagger",
                "document.querySelector('iframe')?.contentDocument?.querySelector('.preview td')",
            )
            wait("the second run", lambda: is_over(second), 900)
            shoot(
                "airflow-compare",
                f"/dags/{DAG}/plugin/dagger-compare",
                "[...document.querySelectorAll('div')].some((one) => "
                "one.shadowRoot?.querySelectorAll('section').length === 3)",
            )
            page.goto(f"{URL}/dags/{DAG}")
            trigger_button = (
                "[...document.querySelectorAll('button')].find(one => one.innerText === 'Trigger')"
            )
            page.wait(trigger_button)
            page.eval(f"{trigger_button}.click()")
            page.wait("document.querySelector('[role=dialog] input')", 60)
            time.sleep(2.5)
            page.screenshot(IMAGES / "airflow-parameters.png")
            shrink(IMAGES / "airflow-parameters.png")


def shrink(path: Path) -> None:
    """Keep 128 colours of a picture: a third of its bytes."""
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128).save(path, optimize=True)
    sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
