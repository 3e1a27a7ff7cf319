// Show two runs of a DAG beside each other.

import { ask, path } from "./api.js";
import { badge, button, el, seconds, table, time } from "./dom.js";

const SIGNS = { equal: ["=", "equal"], different: ["≠", "different"], unknown: ["?", "cannot be told"] };

const verdict = (name, text) => el("td", { class: "verdict", "data-verdict": name },
  el("span", { "aria-hidden": "true" }, SIGNS[name][0]), ` ${text ?? SIGNS[name][1]}`);

const states = (side) => {
  const found = Object.entries(side.states);
  return el("td", {}, found.length ? found.map(([state, count]) =>
    [badge(state), count > 1 ? ` ×${count} ` : " "]) : el("span", { class: "quiet" }, "—"));
};

const bar = (value, most) => el("td", { class: "number took" },
  el("span", { class: "length", style: `width: ${most ? Math.round((60 * (value ?? 0)) / most) : 0}px` }),
  seconds(value));

const parameters = (told) => told.parameters.map((one) => [one.verdict, el("tr", {},
  el("th", { scope: "row" }, one.name), verdict(one.verdict),
  el("td", {}, el("code", {}, one.left ?? "—")), el("td", {}, el("code", {}, one.right ?? "—")))]);

const outputs = (told) => told.outputs.map((one) => [one.verdict, el("tr", {},
  el("th", { scope: "row" }, one.name), verdict(one.verdict),
  el("td", {}, el("code", {}, one.left?.slice(0, 16) ?? "—")), el("td", {}, el("code", {}, one.right?.slice(0, 16) ?? "—")))]);

const nodes = (told) => {
  const most = Math.max(0, ...told.nodes.flatMap((one) => [one.left.seconds ?? 0, one.right.seconds ?? 0]));
  return told.nodes.map((one) => {
    const many = one.items[0] > 1 || one.items[1] > 1;
    const items = many ? `${one.compared - one.differences} of ${one.compared} items equal` : null;
    const which = one.differences && one.different[0] ? `; different: ${one.different.join(", ")}`
      : one.items[0] !== one.items[1] ? `; ${one.items[0]} beside ${one.items[1]}` : "";
    return [one.verdict, el("tr", {}, el("th", { scope: "row" }, one.address),
      verdict(one.verdict, items ? `${items}${which}` : null),
      states(one.left), states(one.right), bar(one.left.seconds, most), bar(one.right.seconds, most))];
  });
};

const part = (title, headings, rows, onlyDifferent) => {
  const shown = rows.filter(([name]) => !onlyDifferent || name !== "equal").map(([, row]) => row);
  const body = shown.length ? table(title, headings, shown)
    : el("p", { class: "quiet" }, rows.length ? "All equal." : "None.");
  return el("section", {}, el("h3", {}, title), body);
};

export const compareView = (root, where) => {
  const result = el("div", { class: "record", "aria-live": "polite" });
  const chosen = [el("select", { "aria-label": "First run" }), el("select", { "aria-label": "Second run" })];
  const only = el("input", { type: "checkbox" });
  let told = null;
  const draw = () => {
    if (!told) return;
    const different = only.checked;
    result.replaceChildren(
      el("p", {}, badge(told.left.state), ` ${time(told.left.started)} beside `, badge(told.right.state), ` ${time(told.right.started)}`),
      part("Parameters", ["Parameter", "", "First", "Second"], parameters(told), different),
      part("Outputs of the pipeline", ["Output", "", "First, sha256", "Second, sha256"], outputs(told), different),
      part("Nodes", ["Node", "Outputs", "First", "Second", "First took", "Second took"], nodes(told), different));
  };
  const compare = async () => {
    const [left, right] = chosen.map((one) => one.value);
    if (!left || !right) return;
    result.replaceChildren(el("p", {}, "Reading both runs…"));
    try {
      told = await ask(where.api, `comparisons/${path(where.dag, left, right)}`);
      draw();
    } catch (error) {
      result.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  };
  const swap = () => {
    [chosen[0].value, chosen[1].value] = [chosen[1].value, chosen[0].value];
    compare();
  };
  only.addEventListener("change", draw);
  chosen.forEach((one) => one.addEventListener("change", compare));
  root.replaceChildren(el("div", { class: "bar" }, chosen[0], button("⇄", swap, { "aria-label": "Swap the runs" }),
    chosen[1], el("label", {}, only, " only what differs")), result);
  ask(where.api, `runs/${path(where.dag)}`).then(({ runs }) => {
    for (const one of chosen) one.append(...runs.map((run) => el("option", { value: run.run_id }, `${time(run.started)} · ${run.state} · ${run.run_id}`)));
    if (runs.length < 2) {
      result.replaceChildren(el("p", { class: "quiet" }, "There are no two runs to compare yet."));
      return;
    }
    chosen[0].value = runs[1].run_id;
    chosen[1].value = runs[0].run_id;
    compare();
  }, (error) => result.replaceChildren(el("p", { class: "problem" }, error.message)));
};
