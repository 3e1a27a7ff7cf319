// Show one execution of a node: outputs, inputs, readers, attempts.

import { ask, follow, instanceUrl, path } from "./api.js";
import { badge, bytes, button, copyable, el, place, seconds, table, time } from "./dom.js";
import { preview } from "./previews.js";

const section = (title, ...children) =>
  el("section", {}, el("h3", {}, title), children);

const digest = (sha) => (sha
  ? el("code", { title: sha }, `${sha.slice(0, 12)}…`) : el("span", { class: "quiet" }, "—"));

const output = (where, record, one, open) => {
  const shown = preview(where, record.node, record.index, one.name);
  const details = el("details", {
    class: "output",
    ontoggle: () => { if (details.open && !shown.root.hasChildNodes()) shown.load(); },
  },
  el("summary", {}, el("strong", {}, one.name), " ",
    el("span", { class: "chip" }, one.serializer), " ",
    el("span", { class: "quiet" }, [bytes(one.size),
      one.parts === null ? null : `, ${one.parts.toLocaleString()} ${one.kind === "directory" ? "files" : "parts"}`])),
  shown.root,
  el("dl", {}, el("dt", {}, "sha256"), el("dd", {}, el("code", {}, one.sha256), " ", copyable(one.sha256, "sha256")),
    el("dt", {}, "Where"), el("dd", {}, el("code", {}, one.location), " ", copyable(one.location, "location"))));
  if (open) details.open = true;
  return details;
};

const outputs = (where, record) => {
  if (!record.attempt) return null;
  if (!record.outputs.length) return section("Outputs", el("p", { class: "quiet" }, "None."));
  return section("Outputs", record.outputs.map((one, at) => output(where, record, one, at === 0)));
};

const inputs = (record, show) => {
  if (!record.inputs.length) return null;
  const rows = record.inputs.map((one) => {
    const links = one.sources.slice(0, 20).map((source) =>
      el("li", {}, button(place(source.address, source.index), () => show(source.address, source.index),
        { class: "link" })));
    const more = (one.count ?? 0) > links.length || one.sources.length > 20
      ? el("li", { class: "quiet" }, one.count ? `of ${one.count.toLocaleString()} in all` : "and more") : null;
    return el("tr", {}, el("th", { scope: "row" }, one.name),
      el("td", {}, one.from, links.length ? el("ul", { class: "places" }, links, more) : null),
      el("td", {}, one.sha256 ? digest(one.sha256) : el("span", { class: "quiet" }, one.problem || "—")));
  });
  return section("Inputs", table("Inputs", ["Name", "From", "sha256"], rows));
};

const readers = (record, show) => {
  if (!record.readers.length) return null;
  const rows = record.readers.map((one) => {
    if (!one.address) return el("li", {}, "the pipeline's output ", el("strong", {}, one.input));
    const name = one.index === null ? one.address
      : button(place(one.address, one.index), () => show(one.address, one.index), { class: "link" });
    return el("li", {}, name, " as ", el("strong", {}, one.input), one.gathers ? ", with all other items" : "");
  });
  return section("Read by", el("ul", {}, rows));
};

const attempts = (record) => {
  const tries = (record.tries ?? []).map((one) => el("tr", {},
    el("td", {}, `Airflow's try ${one.number}`), el("td", {}, badge(one.state)),
    el("td", {}, time(one.started)), el("td", { class: "number" }, seconds(one.seconds))));
  const made = record.attempts.map((one) => {
    const counts = one.attempt === record.attempt;
    const extra = counts ? record.extra : {};
    const many = extra.try > 1 ? `, after ${extra.try} tries` : "";
    const how = extra.recovered ? `, recovered from ${extra.recovered}`
      : extra.cached ? ", taken from the cache" : extra.failed ? `, left out: ${extra.failed}` : "";
    return el("tr", {}, el("td", {}, el("code", {}, one.attempt.split("-").pop()), many, how),
      el("td", {}, badge(one.state)), el("td", {}, time(one.time)),
      el("td", { class: "number" }, seconds(extra.seconds)));
  });
  if (!tries.length && !made.length) return null;
  return section("Attempts", table("Attempts", ["Attempt", "State", "When", "Took"], [...tries, ...made]));
};

const inside = (record, show) => {
  if (!record.inside.length) return null;
  const rows = record.inside.map((one) => el("tr", {},
    el("td", {}, button(place(one.address, one.index), () => show(one.address, one.index), { class: "link" })),
    el("td", {}, badge(one.state), one.failure ? ` ${one.failure}` : ""),
    el("td", { class: "number" }, seconds(one.seconds))));
  const turns = record.extra.turns ? `Turns: ${record.extra.turns}.` : "";
  return section("Inside", el("p", { class: "quiet" }, turns),
    table("Inside", ["Execution", "State", "Took"], rows),
    record.more_inside ? el("p", { class: "quiet" }, "Only the first are shown.") : null);
};

const rerun = (record) => (record.rerun
  ? section("Run it again",
    el("p", { class: "quiet" }, "Where the code and the store are at hand; it writes another attempt into this run."),
    el("pre", { tabindex: "0", class: "wrap" }, record.rerun), copyable(record.rerun, "the command"))
  : null);

const airflow = (where, record) => {
  if (!record.task || where.bare) return null;
  const url = instanceUrl(where.api, where.dag, where.run, record.task);
  return el("a", { href: url, onclick: follow }, "Logs and details in Airflow");
};

const draw = (where, record, show) => [
  el("h2", {}, place(record.node, record.index), " ", record.task ? badge(record.task.state) : null),
  el("p", { class: "quiet" }, record.function ? el("code", {}, record.function) : null, " ", airflow(where, record)),
  record.failure ? el("p", { class: "failure", role: "note" }, el("strong", {}, "Last failure: "), record.failure) : null,
  record.problem ? el("p", { class: "problem" }, record.problem) : null,
  !record.attempt && !record.problem && !record.inside.length
    ? el("p", { class: "quiet" }, "No attempt was committed.") : null,
  outputs(where, record), inside(record, show), inputs(record, show), readers(record, show),
  attempts(record), rerun(record),
].flat().filter(Boolean);

// Show records in an element; links between executions lead on, and back.
export const records = (root, where) => {
  const past = [];
  let asked = 0;
  const load = async (route, query, back) => {
    asked += 1;
    const mine = asked;
    try {
      const record = await ask(where.api, route, query);
      if (mine !== asked) return;
      past.push([route, query]);
      const show = (address, index) =>
        load(`executions/${path(where.dag, where.run, address)}`, { index }, true);
      const shown = draw(where, record, show);
      if (back) shown.unshift(button("← back", () => { past.pop(); load(...past.pop(), past.length > 1); }, { class: "link" }));
      root.replaceChildren(...shown);
      if (back) root.querySelector("button").focus();
    } catch (error) {
      if (mine === asked) root.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  };
  return {
    instance: (task, map) => { past.length = 0; return load(`records/${path(where.dag, where.run, task, map)}`, {}, false); },
    execution: (address, index) => { past.length = 0; return load(`executions/${path(where.dag, where.run, address)}`, { index }, false); },
  };
};

export const recordView = (root, where) => {
  const body = el("div", { class: "record" }, el("p", {}, "Loading…"));
  root.replaceChildren(body);
  records(body, where).instance(where.task, where.map);
};
