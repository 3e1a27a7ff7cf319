// Draw a pipeline, and while a run is live, how far it is.

import { ask, path } from "./api.js";
import { badge, button, el, glyph, seconds, svg, table, time, words } from "./dom.js";
import { records } from "./record.js";

const EVERY = 2000;
const ORDER = ["failed", "upstream_failed", "up_for_retry", "up_for_reschedule", "running", "restarting",
  "queued", "scheduled", "deferred", "none", "removed", "skipped", "success"];

// What a node is, taken together: a failure first, then whatever is still to be done.
const overall = (counts) => {
  const found = ORDER.find((state) => counts?.[state]);
  const open = ["none", "queued", "scheduled", "deferred"].includes(found);
  return open && counts.success ? "running" : found ?? "none";
};

const total = (counts) => Object.values(counts ?? {}).reduce((sum, one) => sum + one, 0);

const summary = (node, counts) => {
  if (!counts) return "";
  if (node.address !== node.task) return "inside one container";
  const all = total(counts);
  if (!node.mapped) return words(overall(counts));
  if (all === 1 && !counts.success) return words(overall(counts));
  const parts = [`${counts.success ?? 0}/${all} done`];
  const running = (counts.running ?? 0) + (counts.restarting ?? 0);
  if (counts.failed) parts.push(`${counts.failed} failed`);
  if (running) parts.push(`${running} running`);
  if (counts.upstream_failed) parts.push(`${counts.upstream_failed} not run`);
  if (counts.skipped) parts.push(`${counts.skipped} skipped`);
  return parts.join(" · ");
};

const clipped = (text, width, letter) => {
  const most = Math.floor(width / letter);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

const way = (points, kind) => {
  const [[x0, y0], ...rest] = points;
  if (kind === "turn") {
    const [[x1, y1]] = rest;
    const low = Math.max(y0, y1) + 20;
    const [from, to] = x0 === x1 ? [x0 + 30, x1 - 30] : [x0, x1];
    return `M${from},${y0}C${from},${low} ${to},${low} ${to},${y1 + 4}`;
  }
  let [px, py] = [x0, y0], text = `M${x0},${y0}`;
  rest.forEach(([x, y], at) => {
    const middle = (px + x) / 2;
    const end = at === rest.length - 1 ? x - 5 : x;
    text += y === py ? `L${end},${y}` : `C${middle},${py} ${middle},${y} ${end},${y}`;
    [px, py] = [x, y];
  });
  return text;
};

const drawArrow = (arrow, at) => {
  const line = svg("path", { d: way(arrow.points, arrow.kind), class: `arrow ${arrow.kind}`, "marker-end": "url(#dagger-tip)" });
  if (!arrow.label || arrow.kind === "after") return line;
  const [x, y] = arrow.kind === "turn"
    ? [(arrow.points[0][0] + arrow.points[1][0]) / 2, Math.max(arrow.points[0][1], arrow.points[1][1]) + 19]
    : [arrow.points.at(-1)[0] - 10, arrow.points.at(-1)[1] - 6];
  const anchor = arrow.kind === "turn" ? "middle" : "end";
  return svg("g", { "data-arrow": at }, line,
    svg("text", { x, y, class: "label", "text-anchor": anchor }, clipped(arrow.label, 110, 6)));
};

const SHAPES = {
  parameter: (n) => svg("rect", { x: n.x, y: n.y, width: n.width, height: n.height, rx: n.height / 2 }),
  switch: (n) => svg("polygon", { points: [[n.x, n.y + n.height / 2], [n.x + 14, n.y],
    [n.x + n.width - 14, n.y], [n.x + n.width, n.y + n.height / 2], [n.x + n.width - 14, n.y + n.height],
    [n.x + 14, n.y + n.height]].map((one) => one.join(",")).join(" ") }),
};
const rectangle = (n) => svg("rect", { x: n.x, y: n.y, width: n.width, height: n.height, rx: 6 });

export const graphView = (root, where) => {
  const live = el("p", { role: "status", class: "quiet" });
  const canvas = el("div", { class: "canvas" });
  const panel = el("aside", { class: "panel", hidden: true, "aria-label": "Node" });
  const bar = el("div", { class: "bar", role: "toolbar", "aria-label": "Graph" });
  root.replaceChildren(el("div", { class: "graph" }, el("div", { class: "drawing" }, bar, canvas), panel));
  const view = { where, canvas, panel, bar, live, nodes: new Map(), frames: [], scale: 1, tasks: {} };
  load(view);
};

const load = async (view) => {
  const { where, canvas } = view;
  const route = where.run ? `graphs/${path(where.dag, where.run)}` : `graphs/${path(where.dag)}`;
  try {
    view.graph = await ask(where.api, route);
  } catch (error) {
    canvas.replaceChildren(el("p", { class: "problem" }, error.message));
    return;
  }
  if (view.graph.drawn) draw(view);
  else listNodes(view);
  if (where.run) poll(view);
  else view.live.textContent = `Version ${view.graph.version}. Open a run to see how far it is.`;
};

const zoom = (view, scale) => {
  view.scale = Math.min(2, Math.max(0.2, scale));
  view.svg.setAttribute("width", (view.graph.width + 48) * view.scale);
  view.svg.setAttribute("height", (view.graph.height + 48) * view.scale);
};

// At first no smaller than can be read; the button shows all of it.
const fit = (view, least = 0) => {
  const { width, height } = view.canvas.getBoundingClientRect();
  const whole = Math.min((width - 8) / (view.graph.width + 48), (height - 8) / (view.graph.height + 48));
  zoom(view, Math.min(1.15, least ? Math.max(least, whole) : whole));
};

const drawFrame = (view, frame) => {
  const title = svg("text", { x: frame.x + 10, y: frame.y + 19, class: "title" }, frame.label);
  const count = svg("text", { x: frame.x + frame.width - 10, y: frame.y + 19, class: "count", "text-anchor": "end" });
  const group = svg("g", { class: `frame ${frame.kind}` },
    svg("rect", { x: frame.x, y: frame.y, width: frame.width, height: frame.height, rx: 8 }), title, count);
  if (frame.kind === "container" && view.where.run) {
    const node = { ...frame, address: frame.name, mapped: frame.mapped };
    activate(view, group, node, frame.label);
  }
  view.frames.push({ frame, group, count });
  return group;
};

const activate = (view, group, node, label) => {
  const open = () => select(view, node);
  group.setAttribute("role", "button");
  group.setAttribute("tabindex", "-1");
  group.setAttribute("aria-label", label);
  group.addEventListener("click", (event) => { event.stopPropagation(); open(); });
  group.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); open(); }
    else move(view, node.id, event);
  });
  group.addEventListener("focus", () => focusOn(view, node.id));
  view.nodes.set(node.id, { node, group, ...view.nodes.get(node.id) });
};

const drawNode = (view, node) => {
  const shape = (SHAPES[node.kind] ?? rectangle)(node);
  shape.setAttribute("class", "shape");
  const run = node.kind === "task" || node.kind === "hook";
  const x = run ? node.x + 28 : node.x + node.width / 2;
  const name = svg("text", { x, y: node.y + (run ? 20 : node.height / 2 + 4), class: "name",
    "text-anchor": run ? "start" : "middle" }, clipped(node.label, node.width - (run ? 34 : 12), 7.2));
  const group = svg("g", { class: `node ${node.kind}`, "data-state": "none" },
    svg("title", {}, node.address || node.label), shape, name);
  if (!run) return group;
  const icon = svg("text", { x: node.x + 10, y: node.y + 20, class: "icon", "aria-hidden": "true" });
  const detail = svg("text", { x, y: node.y + 37, class: "detail" });
  const progress = svg("g", { class: "progress" });
  group.append(icon, detail, progress);
  view.nodes.set(node.id, { node, group, icon, detail, progress });
  activate(view, group, node, node.address);
  return group;
};

const draw = (view) => {
  const { graph, canvas } = view;
  const tip = svg("defs", {}, svg("marker", { id: "dagger-tip", viewBox: "0 0 8 8", refX: 5, refY: 4,
    markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, svg("path", { d: "M0,0L8,4L0,8z", class: "tip" })));
  view.svg = svg("svg", { viewBox: `-24 -24 ${graph.width + 48} ${graph.height + 48}`, role: "group",
    "aria-label": `Pipeline ${graph.name}: arrow keys lead from node to node, Enter opens one` }, tip);
  view.svg.append(...graph.frames.map((frame) => drawFrame(view, frame)),
    ...graph.arrows.map(drawArrow), ...graph.nodes.map((node) => drawNode(view, node)));
  view.bar.replaceChildren(
    button("−", () => zoom(view, view.scale / 1.25), { "aria-label": "Smaller" }),
    button("+", () => zoom(view, view.scale * 1.25), { "aria-label": "Larger" }),
    button("Fit", () => fit(view)), view.live);
  canvas.replaceChildren(view.svg);
  fit(view, 0.7);
  const [first] = view.nodes.keys();
  if (first) focusOn(view, first);
};

const listNodes = (view) => {
  const rows = view.graph.nodes.filter((node) => node.address).slice(0, 2000).map((node) => {
    const detail = el("td");
    const open = () => select(view, node);
    view.nodes.set(node.id, { node, group: detail, detail });
    return el("tr", {}, el("td", {}, view.where.run ? button(node.address, open, { class: "link" }) : node.address), detail);
  });
  view.bar.replaceChildren(view.live);
  view.canvas.replaceChildren(
    el("p", { class: "quiet" }, `A pipeline of ${view.graph.nodes.length.toLocaleString()} nodes is listed, not drawn.`),
    table("Nodes", ["Node", "State"], rows));
};

// The keyboard: one stop for Tab, arrow keys along the arrows and to the nearest node.

const focusOn = (view, id) => {
  for (const [other, { group }] of view.nodes) group.setAttribute("tabindex", other === id ? "0" : "-1");
};

const centre = (node) => [node.x + node.width / 2, node.y + node.height / 2];

const move = (view, id, event) => {
  const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const direction = ways[event.key];
  if (!direction) return;
  event.preventDefault();
  event.stopPropagation();
  const [x, y] = centre(view.nodes.get(id).node);
  let best = null, least = Infinity;
  for (const [other, { node }] of view.nodes) {
    const [ox, oy] = centre(node);
    const along = (ox - x) * direction[0] + (oy - y) * direction[1];
    const aside = Math.abs((ox - x) * direction[1]) + Math.abs((oy - y) * direction[0]);
    if (other !== id && along > 1 && along + 3 * aside < least) { best = other; least = along + 3 * aside; }
  }
  if (best) view.nodes.get(best).group.focus();
};

// States

const poll = async (view) => {
  const { where } = view;
  let again = EVERY;
  try {
    if (!document.hidden) {
      const told = await ask(where.api, `states/${path(where.dag, where.run)}`);
      if (told.version !== view.graph.version) { load(view); return; }
      show(view, told);
      if (!told.run.is_live) return;
    }
  } catch (error) {
    view.live.textContent = error.message;
    again = 5 * EVERY;
  }
  if (view.canvas.isConnected) setTimeout(() => poll(view), again);
};

const show = (view, told) => {
  view.tasks = told.tasks;
  view.run = told.run;
  for (const { node, group, icon, detail, progress } of view.nodes.values()) {
    const counts = told.tasks[node.task];
    const state = overall(counts);
    const text = summary(node, counts);
    group.dataset.state = state;
    if (detail) detail.textContent = detail.tagName === "text" ? clipped(text, node.width - 34, 5.6) : text;
    if (icon) icon.textContent = glyph(state);
    if (progress) drawProgress(progress, node, counts);
    if (group.hasAttribute("aria-label")) {
      group.setAttribute("aria-label", `${node.address}: ${text || words(state)}`);
    }
  }
  for (const { frame, group, count } of view.frames) {
    const counts = told.tasks[frame.task];
    group.dataset.state = overall(counts);
    count.textContent = frame.kind === "container" ? glyph(overall(counts)) : items(view, frame);
  }
  const all = Object.values(told.tasks);
  const sum = (...states) => all.reduce((n, one) => n + states.reduce((m, s) => m + (one[s] ?? 0), 0), 0);
  const failed = sum("failed", "upstream_failed");
  view.live.replaceChildren(badge(told.run.state), ` ${sum("success", "skipped")} of ${sum(...ORDER)} done`,
    failed ? `, ${failed} failed` : "", told.run.started ? ` · began ${time(told.run.started)}` : "",
    ` · version ${told.version}`, view.graph.record ? ` · record: ${view.graph.record}` : "");
};

// How many items a loop has: as many as there are instances of a node that stands right in it.
const items = (view, frame) => {
  if (frame.kind !== "loop") return "";
  const within = (node, box) => node !== box && node.x > box.x && node.x < box.x + box.width
    && node.y > box.y && node.y < box.y + box.height;
  const inner = view.frames.map((one) => one.frame).filter((one) => one.kind === "loop" && within(one, frame));
  const own = view.graph.nodes.find((node) => node.mapped && node.task === node.address
    && within(node, frame) && !inner.some((box) => within(node, box)));
  const counts = own && view.tasks[own.task];
  if (!counts || (total(counts) === 1 && !counts.success && !counts.running && !counts.failed)) return "";
  return `${total(counts)} ${total(counts) === 1 ? "item" : "items"}`;
};

const drawProgress = (group, node, counts) => {
  const all = total(counts);
  if (!node.mapped || !all || node.task !== node.address) { group.replaceChildren(); return; }
  let x = node.x + 1;
  const width = node.width - 2;
  group.replaceChildren(...["success", "skipped", "running", "failed", "upstream_failed"].map((state) => {
    const part = ((counts[state] ?? 0) / all) * width;
    x += part;
    return part ? svg("rect", { x: x - part, y: node.y + node.height - 5, width: part, height: 4, class: "part", "data-state": state }) : null;
  }).filter(Boolean));
};

// The panel beside the graph

const close = (view, node) => {
  view.panel.hidden = true;
  for (const { group } of view.nodes.values()) group.removeAttribute("data-open");
  view.nodes.get(node.id)?.group.focus?.();
};

const select = (view, node) => {
  if (!view.where.run) return;
  const { panel, where } = view;
  const body = el("div", { class: "record" });
  const opened = records(body, where);
  for (const [id, { group }] of view.nodes) group.toggleAttribute("data-open", id === node.id);
  const shut = button("✕", () => close(view, node), { class: "close", "aria-label": "Close" });
  panel.replaceChildren(shut, body);
  panel.hidden = false;
  panel.onkeydown = (event) => { if (event.key === "Escape") close(view, node); };
  shut.focus();
  view.nodes.get(node.id)?.group.scrollIntoView({ block: "nearest", inline: "center" });
  const counts = view.tasks[node.task] ?? {};
  const many = node.mapped || total(counts) > 1;
  if (many) itemsOf(view, node, body, opened);
  else if (node.address === node.task) opened.instance(node.task, -1);
  else opened.execution(node.address, "");
};

const itemsOf = (view, node, body, opened) => {
  const { where } = view;
  let state = "", offset = 0;
  const list = el("div");
  const shown = el("div", { class: "item" });
  const one = records(shown, where);
  const counts = () => view.tasks[node.task] ?? {};
  const chips = el("div", { class: "bar", role: "toolbar", "aria-label": "Items in a state" });
  const choose = (next) => { state = next; offset = 0; fill(); };
  const fill = async () => {
    const found = ORDER.filter((name) => counts()[name]);
    chips.replaceChildren(
      button(`all ${total(counts())}`, () => choose(""), { class: "small", "aria-pressed": String(state === "") }),
      ...found.map((name) => button(`${counts()[name]} ${words(name)}`, () => choose(name),
        { class: "small", "aria-pressed": String(state === name), "data-state": name })));
    try {
      const page = await ask(where.api, `items/${path(where.dag, where.run, node.task)}`, { state, offset });
      const rows = page.items.map((item) => el("tr", {},
        el("td", {}, button(item.index ?? `#${item.map_index}`, () => open(item), { class: "link" })),
        el("td", {}, badge(item.state)), el("td", { class: "number" }, seconds(item.seconds)),
        el("td", { class: "number" }, String(item.try_number))));
      const pages = page.total > page.items.length ? el("p", {},
        button("←", () => { offset = Math.max(0, offset - 100); fill(); }, { disabled: offset === 0, "aria-label": "Earlier items" }),
        ` ${offset + 1}–${offset + page.items.length} of ${page.total.toLocaleString()} `,
        button("→", () => { offset += 100; fill(); }, { disabled: offset + page.items.length >= page.total, "aria-label": "Later items" })) : null;
      list.replaceChildren(...[table("Items", ["Item", "State", "Took", "Try"], rows), pages].filter(Boolean));
    } catch (error) {
      list.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  };
  const open = (item) => {
    shown.replaceChildren(el("p", {}, "Loading…"));
    const ready = item.index === null || node.address === node.task
      ? one.instance(node.task, item.map_index) : one.execution(node.address, item.index);
    ready.then(() => shown.scrollIntoView({ block: "nearest" }));
  };
  body.replaceChildren(el("h2", {}, node.address), chips, list, shown);
  fill();
};
