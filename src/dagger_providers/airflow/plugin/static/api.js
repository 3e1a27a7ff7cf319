// Ask the plugin's own routes, and Airflow's theme.

export const path = (...parts) => parts.map((one) => encodeURIComponent(one)).join("/");

export const ask = async (api, route, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null);
  const search = new URLSearchParams(given).toString();
  const answer = await fetch(`${api}/${route}${search ? `?${search}` : ""}`, {
    credentials: "same-origin",
    headers: { Accept: "application/json" },
  });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  if (answer.status === 401) throw new Error("You are not signed in any more: reload the page.");
  if (answer.status === 403) throw new Error("You may not read this DAG's runs and XComs.");
  throw new Error(typeof body.detail === "string" ? body.detail : `the server says ${answer.status}`);
};

// Airflow writes its theme as a class of its page; a view in a frame asks the page around it.
const pages = () => {
  const found = [document];
  try {
    if (window.parent !== window) found.push(window.parent.document);
  } catch { /* not Airflow's page */ }
  return found;
};

export const followTheme = (root) => {
  const set = () => {
    const names = pages().flatMap((one) => [...one.documentElement.classList]);
    const theme = ["dark", "light"].find((one) => names.includes(one));
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  set();
  const watch = new MutationObserver(set);
  for (const one of pages()) {
    watch.observe(one.documentElement, { attributes: true, attributeFilter: ["class"] });
  }
  return () => watch.disconnect();
};

// A link out of the frame is followed by Airflow's page, which the frame itself may not change.
export const follow = (event) => {
  if (window.parent === window || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  try {
    const link = window.parent.document.createElement("a");
    link.href = event.currentTarget.href;
    window.parent.document.body.append(link);
    link.click();
    link.remove();
  } catch {
    window.open(event.currentTarget.href, "_blank", "noopener");
  }
};

export const instanceUrl = (api, dag, run, task) => {
  const base = api.replace(/\/dagger$/, "");
  const mapped = task.map_index >= 0 ? `/mapped/${task.map_index}` : "";
  return `${base}/dags/${path(dag)}/runs/${path(run)}/tasks/${path(task.task_id)}${mapped}`;
};
