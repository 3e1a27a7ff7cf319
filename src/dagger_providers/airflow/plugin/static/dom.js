// Make elements. All texts are set as text: nothing here, or anywhere else, parses HTML.

const SVG = "http://www.w3.org/2000/svg";

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined));
  return node;
};

export const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

export const button = (label, onclick, attributes) =>
  el("button", { type: "button", onclick, ...attributes }, label);

export const table = (label, headings, rows) =>
  el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", {},
      el("thead", {}, el("tr", {}, headings.map((one) => el("th", { scope: "col" }, one)))),
      el("tbody", {}, rows)));

export const copyable = (text, label) => {
  const done = el("span", { role: "status", class: "quiet" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      done.textContent = "copied";
    } catch {
      done.textContent = "select and copy it";
    }
  };
  return [button("Copy", copy, { class: "small", "aria-label": `Copy ${label}` }), done];
};

export const bytes = (count) => {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  while (count >= 1000 && at < units.length - 1) { count /= 1000; at += 1; }
  return `${at ? count.toFixed(1) : count} ${units[at]}`;
};

export const seconds = (value) => {
  if (value === null || value === undefined) return "";
  if (value < 10) return `${value.toFixed(2)} s`;
  if (value < 120) return `${value.toFixed(0)} s`;
  return value < 7200 ? `${(value / 60).toFixed(0)} min` : `${(value / 3600).toFixed(1)} h`;
};

export const time = (text) => (text ? new Date(text).toLocaleString() : "");

export const place = (address, index) => (index ? `${address}[${index}]` : address);

const GLYPHS = {
  success: "✓", failed: "✕", upstream_failed: "✕", running: "▶", queued: "…", scheduled: "…",
  deferred: "…", restarting: "▶", up_for_retry: "↻", up_for_reschedule: "↻", skipped: "–",
  removed: "–", none: "·", committed: "✓", unfinished: "·", "left out": "–",
};

export const words = (state) => (state === "none" ? "waiting" : state.replaceAll("_", " "));

export const glyph = (state) => GLYPHS[state] ?? "·";

export const badge = (state) =>
  el("span", { class: "badge", "data-state": state },
    el("span", { "aria-hidden": "true" }, glyph(state)), ` ${words(state)}`);
