// Show the beginning of a value.

import { ask, path } from "./api.js";
import { button, bytes, el, svg, table } from "./dom.js";

const cell = (value) => {
  if (value === null) return el("td", { class: "quiet" }, "null");
  const number = typeof value === "number";
  return el("td", { class: number ? "number" : "" }, String(value));
};

const plot = (values, label) => {
  const width = 560, height = 120;
  const numbers = values.map((one) => one[1]);
  const low = Math.min(0, ...numbers), high = Math.max(0, ...numbers);
  const span = high - low || 1;
  const y = (value) => 8 + (height - 16) * (1 - (value - low) / span);
  const step = width / values.length;
  const bars = values.map(([name, value], at) => svg("rect", {
    x: at * step + Math.min(1, step / 8), width: Math.max(1, step - Math.min(2, step / 4)),
    y: Math.min(y(value), y(0)), height: Math.max(1, Math.abs(y(value) - y(0))), class: "bar",
  }, svg("title", {}, `${name}: ${value}`)));
  const words = `${label}: ${values.length} values from ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
  return el("figure", {},
    svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words, class: "plot" },
      bars, svg("line", { x1: 0, x2: width, y1: y(0), y2: y(0), class: "axis" })),
    el("figcaption", { class: "quiet" }, words));
};

const numeric = (shown) => shown.columns
  .map((column, at) => [column.name, at])
  .filter(([, at]) => shown.rows.length > 1 && shown.rows.every((row) => typeof row[at] === "number"));

const tabular = (shown) => {
  const rows = shown.rows.map((row) => el("tr", {}, row.map(cell)));
  const headings = shown.columns.map((column) =>
    [column.name, column.type ? el("span", { class: "quiet type" }, ` ${column.type.replace("large_", "")}`) : null]);
  const many = shown.rows_in_all === null ? "more" : shown.rows_in_all.toLocaleString();
  const more = shown.columns_in_all > shown.columns.length
    ? `, ${shown.columns.length} of ${shown.columns_in_all} columns` : "";
  const choices = numeric(shown);
  const drawn = el("div");
  const choose = el("select", {
    onchange: () => drawn.replaceChildren(choose.value === "" ? "" : plot(
      shown.rows.map((row, at) => [`row ${at}`, row[Number(choose.value)]]),
      shown.columns[Number(choose.value)].name)),
  }, el("option", { value: "" }, "nothing"), choices.map(([name, at]) => el("option", { value: at }, name)));
  return [
    el("div", { class: "data" }, table("The first rows", headings, rows)),
    el("p", { class: "quiet" }, `${shown.rows.length} of ${many} rows${more}. `,
      choices.length ? el("label", {}, "Plot of these rows: ", choose) : null),
    drawn,
  ];
};

const pre = (text, more) => [
  el("pre", { tabindex: "0" }, text),
  more ? el("p", { class: "quiet" }, "Only the beginning is shown.") : null,
];

// What a task wrote as HTML is shown without scripts, and can load nothing.
const POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
  + "style-src 'unsafe-inline'; img-src data:\">";

const page = (text) => el("iframe", {
  class: "page", sandbox: "", referrerpolicy: "no-referrer", title: "What the task wrote, as a page",
  srcdoc: POLICY + text,
});

const parts = (shown, open) => {
  const rows = shown.parts.map((part, at) => el("tr", {},
    el("td", {}, button(part.name, () => open(at), { class: "link" })),
    el("td", { class: "number" }, bytes(part.size)),
    el("td", {}, el("code", {}, part.sha256.slice(0, 16)))));
  const more = shown.count > shown.parts.length
    ? el("p", { class: "quiet" }, `The first ${shown.parts.length} of ${shown.count.toLocaleString()}.`) : null;
  return [table("Parts", ["Part", "Size", "sha256"], rows), more];
};

const contents = (shown, open) => {
  switch (shown.kind) {
    case "table": return tabular(shown);
    case "json": return [shown.series ? plot(shown.series, "The values") : null, pre(shown.text, shown.more)];
    case "text": return pre(shown.text, shown.more);
    case "page": return [page(shown.text)];
    case "image": return [el("img", { class: "picture", alt: "What the task wrote",
      src: `data:${shown.type};base64,${shown.data}` })];
    case "bytes": return pre(`${shown.hex}\n\n${shown.text}`, shown.more);
    case "files": case "parts": return parts(shown, open);
    default: return [el("p", { class: "quiet" }, shown.why)];
  }
};

export const preview = (where, address, index, output) => {
  const root = el("div", { class: "preview", "aria-live": "polite" });
  const load = async (part) => {
    root.replaceChildren(el("p", { class: "quiet" }, "Loading…"));
    const route = `previews/${path(where.dag, where.run, address, output)}`;
    try {
      const shown = await ask(where.api, route, { index, part });
      const back = part === "" ? null
        : el("p", {}, button("← all parts", () => load(""), { class: "link" }), ` part ${part}`);
      root.replaceChildren(...[back, contents(shown, load)].flat(Infinity).filter(Boolean));
    } catch (error) {
      root.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  };
  return { root, load: () => load("") };
};
