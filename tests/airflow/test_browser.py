"""The plugin's pages in a real browser: no errors, nothing from elsewhere, usable by keyboard."""

import re
import threading
import time
from itertools import product
from pathlib import Path

import pytest

from browser.chromium import browser, find_chromium

STYLE = Path(__file__).parents[2] / "src/dagger_providers/airflow/plugin/static/style.css"

pytestmark = pytest.mark.slow
needs_chromium = pytest.mark.skipif(
    find_chromium() is None, reason="NO CHROMIUM: the pages of the plugin are NOT tested"
)


@pytest.fixture(scope="module")
def server(home):
    """Airflow's API server on a port of its own, and a token for it."""
    import uvicorn
    from airflow.api_fastapi.app import create_app, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    app = create_app(apps="core")
    made = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="critical"))
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not made.started and time.monotonic() < until:
        time.sleep(0.05)
    port = made.servers[0].sockets[0].getsockname()[1]
    user = SimpleAuthManagerUser(username="ada", role="admin")
    yield f"http://127.0.0.1:{port}", get_auth_manager().generate_jwt(user)
    made.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def tab(server):
    """A tab of a browser that is signed in."""
    url, token = server
    with browser(find_chromium()) as page:
        page.size(1300, 800)
        page.cookie(url, "_token", token)
        yield page


@pytest.fixture
def page(tab, server, run, monkeypatch):
    """Run pipelines, and open pages of their runs; nothing may go wrong, or elsewhere."""
    url, _ = server
    tab.goto("about:blank")  # what the page before asks for is not in this test's store
    tab.errors.clear()
    tab.requests.clear()

    class Pages:
        def run(self, name, **given):
            self.done = run(name, **given).run
            monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", self.done.store)
            return self.done.airflow_run_id

        def open(self, view, *rest):
            place = "/".join(("dagger", view, self.done.dag_id, *rest))
            tab.goto(f"{url}/{place}")
            return tab

        def view(self, *rest):
            return self.open("view", self.done.airflow_run_id, *rest)

    yield Pages()
    assert tab.errors == []
    assert [one for one in tab.requests if not one.startswith((url, "data:", "about:"))] == []


FOCUSED = "document.activeElement.getAttribute('aria-label')"


@needs_chromium
def test_the_graph_by_keyboard(page):
    page.run("mapped", n=3)
    tab = page.view()
    tab.wait("document.querySelectorAll('.node[data-state=success]').length === 3")

    for _ in range(4):  # the buttons, then the graph, which is one stop
        tab.key("Tab")
    assert tab.eval(FOCUSED) == "numbers: success"
    tab.key("ArrowRight")
    assert tab.eval(FOCUSED) == "double: 3/3 done"
    tab.key("Enter")
    tab.wait("document.querySelectorAll('.panel tbody tr').length === 3")
    assert tab.eval("document.activeElement.closest('.panel') !== null")
    tab.key("Escape")
    assert tab.eval("document.querySelector('.panel').hidden")
    assert tab.eval(FOCUSED) == "double: 3/3 done"
    tab.key("ArrowRight")
    tab.key("Enter")
    tab.wait("document.querySelector('.panel')?.innerText.includes('double[2]')")
    assert "READ BY" in tab.eval("document.querySelector('.panel').innerText.toUpperCase()")


@needs_chromium
def test_items_lead_to_records_and_these_to_others(page):
    page.run("mapped", n=3)
    tab = page.view()
    tab.wait("document.querySelector('.node[aria-label^=double]')")
    tab.eval(
        "document.querySelector('.node[aria-label^=double]')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    tab.wait("document.querySelectorAll('.panel tbody button').length === 3")
    tab.eval("document.querySelectorAll('.panel tbody button')[2].click()")
    tab.wait("document.querySelector('.item .preview pre')?.textContent === '4'")
    tab.eval("document.querySelector('.item ul.places button').click()")
    tab.wait("document.querySelector('.item h2')?.textContent.startsWith('numbers')")
    tab.eval("document.querySelector('.item button').click()")  # back
    tab.wait("document.querySelector('.item h2')?.textContent.startsWith('double[2]')")


@needs_chromium
def test_the_tab_of_a_task(page):
    page.run("mapped", n=2)
    tab = page.view("total", "-1")
    tab.wait("document.querySelector('.preview pre')?.textContent === '2'")

    text = tab.eval("document.body.innerText")
    for said in ("double for each of numbers", "the pipeline's output return_value", "run-node"):
        assert said in text


@needs_chromium
def test_two_runs_are_compared_in_a_frame_and_in_airflow_itself(page):
    for n in (2, 3):
        page.run("chain", options={"dag_id": "compared"}, n=n)
    tab = page.open("compare")
    tab.wait("document.querySelectorAll('section').length === 3")
    assert "different" in tab.eval("document.body.innerText")

    # Airflow gives React to what it loads, and calls it as a component.
    tab.eval(
        """(async () => {
          const place = document.createElement("div");
          document.body.replaceChildren(place);
          globalThis.React = {
            createElement: (tag, {ref}) => { ref.current = place; },
            useEffect: (effect) => { globalThis.effect = effect; },
            useRef: (current) => ({current}),
          };
          await import("/dagger/static/compare_app.js");
          globalThis["Compare runs"]({dagId: "compared"});
          globalThis.effect();
          globalThis.shadow = place.shadowRoot;
        })()"""
    )
    tab.wait("shadow.querySelectorAll('section').length === 3")


@needs_chromium
def test_texts_of_others_are_harmless(page, flows):
    page.run("hostile")
    tab = page.view()
    tab.wait("document.querySelector('.node[data-state=failed]')")
    for task, index in (("say", "-1"), ("write_page", "-1"), ("break_with", "-1")):
        tab = page.view(task.replace("_", "-"), index)
        tab.wait("document.querySelector('.preview, .failure')?.innerText !== 'Loading…'")
        tab.wait("document.querySelector('.preview iframe, .preview pre, .failure')")
        time.sleep(0.3)
        assert tab.eval("window.hacked === undefined")
        assert tab.eval("document.querySelectorAll('img').length === 0")
    assert flows.EVIL in tab.eval("document.querySelector('.failure').textContent")
    tab.errors[:] = [one for one in tab.errors if "sandboxed" not in one]  # what is to be blocked


@needs_chromium
def test_the_dark_theme_of_the_system(page):
    page.run("chain")
    tab = page.view()
    colour = "getComputedStyle(document.querySelector('.dagger')).backgroundColor"
    tab.theme("dark")
    dark = tab.eval(colour)
    tab.theme("light")

    assert (dark, tab.eval(colour)) == ("rgb(22, 29, 45)", "rgb(255, 255, 255)")
    tab.eval("document.documentElement.classList.add('dark')")  # as Airflow's page does
    tab.wait(f"{colour} === 'rgb(22, 29, 45)'")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_texts_have_the_contrast_that_wcag_asks_for():
    themes = re.findall(r"\{([^{}]*--back:[^{}]*)\}", STYLE.read_text())
    assert len(themes) == 3
    texts = ("text", "quiet", "link", "success", "running", "failed", "waiting", "skipped", "retry")
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", theme))
        for text, ground in product(texts, ("back", "raised", "node")):
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])))[::-1]
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground, colours)
        for ground in ("bad", "warn"):
            light, dark = sorted((luminance(colours["text"]), luminance(colours[ground])))[::-1]
            assert (light + 0.05) / (dark + 0.05) >= 4.5, ground
