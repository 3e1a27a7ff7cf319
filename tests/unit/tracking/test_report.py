"""A run record as a page."""

from html.parser import HTMLParser

import pytest

from dagger_providers.tracking.report import html, markdown

RECORD = {
    "run_id": "r-1",
    "pipeline": "flights",
    "runtime": "local",
    "status": "failed",
    "started": "2026-01-31T12:00:00.000+00:00",
    "finished": "2026-01-31T12:00:02.500+00:00",
    "nodes": {
        "load": {"status": "succeeded", "items": 3, "done": 3, "seconds": 1.25, "cached": 2},
        "fit": {"status": "failed", "items": None, "done": 0, "seconds": 0.0},
    },
    "parameters": {"source": "a|b <c>", "long": list(range(200))},
    "outputs": {"rows": {"sha256": "ab" * 32, "uri": None}},
    "failure": {
        "node": "fit", "index": "2", "type": "ValueError", "message": "no <row>",
        "traceback": "Traceback\nValueError: no <row>",
    },
}  # fmt: skip


class Texts(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and "style" not in self.open:
            self.found.append(data.strip())


def test_a_page_tells_what_became_of_a_run():
    page = Texts(html(RECORD))

    assert page.open == []
    for text in (
        "failed",
        "succeeded (2 cached)",
        "3 of 3",
        "1.25",
        "fit[2]: ValueError: no <row>",
    ):
        assert text in page.found
    assert any(text.endswith("2.5 s") for text in page.found)


def test_values_are_text_and_not_markup():
    assert '"a|b &lt;c&gt;"' in html(RECORD).replace("&quot;", '"')
    assert '"a\\|b &lt;c&gt;"' in markdown(RECORD)


@pytest.mark.parametrize("write", [html, markdown])
def test_long_values_are_cut(write):
    assert "0, 1, 2" in write(RECORD)
    assert ", 199" not in write(RECORD)


def test_a_run_that_is_not_over_has_no_time_and_no_failure():
    record = {**RECORD, "status": "running", "finished": "", "failure": None}

    assert "2.5 s" not in html(record)
    assert "Failure" not in html(record)
    assert "```" not in markdown(record)
