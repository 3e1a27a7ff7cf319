// Fill a page that Airflow shows in a frame.

import { followTheme } from "./api.js";
import { compareView } from "./compare.js";
import { graphView } from "./graph.js";
import { recordView } from "./record.js";

const root = document.getElementById("dagger");
root.className = "dagger";
followTheme(root);
({ compare: compareView, graph: graphView, record: recordView })[root.dataset.view](root, { ...root.dataset });
