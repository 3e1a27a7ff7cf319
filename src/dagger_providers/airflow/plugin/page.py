"""The pages that the front-end fills, and the files that it is made of."""

from __future__ import annotations

from html import escape
from importlib.resources import files

_TYPES = {"css": "text/css", "js": "text/javascript"}

# Nothing but the plugin's own files: what a page shows comes from other people's tasks. Styles may
# stand in a page, since what tasks write as HTML is shown in a frame, without scripts.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; "
        "style-src 'self' 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def page(view: str, prefix: str, **facts: str) -> str:
    """Return the page that a view fills; all texts in it are escaped.

    Args:
        view: ``graph``, ``record`` or ``compare``.
        prefix: Where the plugin's routes are.
        **facts: What the view is to show: ``dag``, ``run``, ``task``, ``map``.
    """
    data = {"view": view, "api": prefix, **facts}
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    static = f"{escape(prefix)}/static"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dagger</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{static}/style.css">'
        f'<script type="module" src="{static}/page.js"></script></head>'
        f'<body><main id="dagger"{attributes}><p>Loading…</p></main></body></html>'
    )


def static_file(name: str) -> tuple[bytes, str] | None:
    """Return a file of the front-end and its type, if there is one of that name."""
    folder = files("dagger_providers.airflow.plugin") / "static"
    if name not in {file.name for file in folder.iterdir()}:
        return None
    return (folder / name).read_bytes(), _TYPES[name.rpartition(".")[2]]
