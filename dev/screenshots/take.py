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
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from chromium import Page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
IMAGES = ROOT / "docs" / "images"
DAG = "flight-report"
PORT = os.environ.get("PORT", "18094")
URL = f"http://127.0.0.1:{PORT}"
SIZE = (1280, 720)
SLOW = "airport-delays.flights"
_KIND = "[role=combobox]"
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
    """Start a run, and return its id."""
    body = {"logical_date": None, "conf": conf}
    return str(call(f"/api/v2/dags/{DAG}/dagRuns", body)["dag_run_id"])


def state(run: str) -> dict[str, Any]:
    """Return how a run is getting on."""
    found: dict[str, Any] = call(f"/dagger/states/{DAG}/{quote(run, safe='')}")
    return found


def tasks(run: str) -> dict[str, dict[str, int]]:
    """Return how many instances of each task are in which state."""
    found: dict[str, dict[str, int]] = state(run)["tasks"]
    return found


def is_over(run: str) -> bool:
    """Whether a run has succeeded."""
    return bool(state(run)["run"]["state"] == "success")


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
        wait("half of the items", lambda: tasks(second)[SLOW].get("success", 0) > 5, 900)  # noqa: PLR2004
        with browser(chromium) as page:
            in_both_themes(page, graph, second)
            in_both_themes(page, preview, first)
            in_both_themes(page, connection)
            wait("the second run", lambda: is_over(second), 900)
            in_both_themes(page, comparison)
            in_both_themes(page, parameters)


def in_both_themes(page: Page, show: Callable[..., str], *given: str) -> None:
    """Take a light and a dark picture of what a function shows and names."""
    for theme in ("light", "dark"):
        page.size(*SIZE)
        page.theme(theme)
        name = show(page, *given)
        time.sleep(2.5)  # what moves, and Airflow's own parts
        file = IMAGES / f"{name}{'-dark' if theme == 'dark' else ''}.png"
        page.screenshot(file)
        sys.stdout.write(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB\n")


def graph(page: Page, run: str) -> str:
    """Show the whole graph of a run."""
    page.size(1900, 640)
    page.goto(f"{URL}/dags/{DAG}/runs/{run}/plugin/dagger-graph")
    page.wait(f"/[0-9] done/.test({_NODES}?.ownerDocument.body.textContent)", 60)
    inside = "document.querySelector('iframe').contentDocument"
    page.eval(f"{button('Fit', inside)}.click()")
    return "airflow-graph"


def preview(page: Page, run: str) -> str:
    """Show what one item of a loop wrote."""
    page.goto(f"{URL}/dags/{DAG}/runs/{run}/tasks/{SLOW}/mapped/4/plugin/dagger")
    page.wait("document.querySelector('iframe')?.contentDocument?.querySelector('.preview td')", 60)
    return "airflow-task"


def comparison(page: Page) -> str:
    """Show the last two runs beside each other."""
    page.goto(f"{URL}/dags/{DAG}/plugin/dagger-compare")
    page.wait(
        "[...document.querySelectorAll('div')].some((one) => "
        "one.shadowRoot?.querySelectorAll('section').length === 3)",
        60,
    )
    return "airflow-compare"


def parameters(page: Page) -> str:
    """Show the form of a new run."""
    page.goto(f"{URL}/dags/{DAG}")
    page.wait(button("Trigger"), 60)
    page.eval(f"{button('Trigger')}.click()")
    page.wait("document.querySelector('[role=dialog] input')", 60)
    return "airflow-parameters"


def connection(page: Page) -> str:
    """Show the form of a new connection."""
    page.size(SIZE[0], 860)
    page.goto(f"{URL}/connections")
    page.wait(button("Add Connection"), 60)
    page.eval(f"{button('Add Connection')}.click()")
    for field, text in (("[name=connection_id]", "dagger_store_default"), (_KIND, "dagger")):
        page.wait(f"document.querySelector('[role=dialog] {field}')", 60)
        page.eval(f"document.querySelector('[role=dialog] {field}').focus()")
        page.call("Input.insertText", text=text)
    page.wait("document.querySelector('[role=dialog] [role=option]')", 60)
    page.key("Enter")
    page.wait("document.querySelector('[role=dialog] [name=host]')", 60)
    return "airflow-connection"


def button(text: str, document: str = "document") -> str:
    """Return the script that finds a button."""
    buttons = f"[...{document}.querySelectorAll('button')]"
    return f"{buttons}.find((one) => one.innerText.trim() === '{text}')"


if __name__ == "__main__":
    main()
