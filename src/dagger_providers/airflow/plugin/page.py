"""Show a node's record as a page."""

from __future__ import annotations

from html import escape

from dagger_providers.airflow.plugin.records import NodeRecord, OutputRow

_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 1.5rem; }
h1 { font-size: 1.1rem; } h2 { font-size: 1rem; margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .35rem .7rem; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; }
.failure { color: #c62828; }
"""

_HEADINGS = ("Output", "Bytes", "sha256", "Serializer", "Parts", "Location")


def page(record: NodeRecord) -> str:
    """Return the page; all texts in it are escaped."""
    title = f"{record.node}[{record.index}]" if record.index else record.node
    parts = [f"<h1>{escape(title)}</h1>"]
    if record.problem:
        parts.append(f"<p>{escape(record.problem)}</p>")
    if record.failure:
        parts.append(f'<p class="failure">Last failure: <code>{escape(record.failure)}</code></p>')
    if record.attempt:
        parts += [_outputs(record), _facts(record)]
    elif not record.problem:
        parts.append("<p>No attempt was committed.</p>")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _outputs(record: NodeRecord) -> str:
    if not record.outputs:
        return "<p>The node has no outputs.</p>"
    head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
    rows = "".join(map(_row, record.outputs))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(output: OutputRow) -> str:
    parts = "" if output.parts is None else f"{output.parts:,}"
    return (
        f"<tr><td>{escape(output.name)}</td>"
        f'<td class="number">{output.size:,}</td>'
        f'<td><code title="{escape(output.sha256)}">{escape(output.sha256[:16])}…</code></td>'
        f"<td>{escape(output.serializer)}</td>"
        f'<td class="number">{parts}</td>'
        f"<td><code>{escape(output.location)}</code></td></tr>"
    )


def _facts(record: NodeRecord) -> str:
    facts = {**record.extra, "attempt": record.attempt, "records": record.location}
    rows = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        f"<td><code>{escape(str(value))}</code></td></tr>"
        for name, value in facts.items()
    )
    return f"<h2>The attempt that counts</h2><table><tbody>{rows}</tbody></table>"
