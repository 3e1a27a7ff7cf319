// Airflow's React app: the comparison of runs, apart from Airflow's own styles.

import { followTheme } from "./api.js";
import { compareView } from "./compare.js";
import { el } from "./dom.js";

const here = new URL(".", import.meta.url).href;
const api = new URL("..", here).pathname.replace(/\/$/, "");

globalThis["Compare runs"] = ({ dagId }) => {
  const { createElement, useEffect, useRef } = globalThis.React;
  const place = useRef(null);
  useEffect(() => {
    const shadow = place.current.shadowRoot ?? place.current.attachShadow({ mode: "open" });
    const root = el("main", { class: "dagger" });
    shadow.replaceChildren(el("link", { rel: "stylesheet", href: `${here}style.css` }), root);
    compareView(root, { api, dag: dagId });
    return followTheme(root);
  }, [dagId]);
  return createElement("div", { ref: place, style: { height: "100%", overflow: "auto" } });
};
