/** The bell: counts anew when the server tells of a notice, and says it once at the foot of the page. */
import htmx from "htmx.org";

import * as socket from "./socket.js";
import { text } from "./texts.js";

const SHOWN_MS = 8_000;

let gone;

export function start() {
  socket.on("notice", show);
}

function show({ kind, by, title }) {
  htmx.trigger(document.body, "notice");
  const line = document.querySelector("#notice-news");
  line.textContent = text(`notice-${kind}`, { who: by || text("notice-somebody"), title });
  line.hidden = false;
  clearTimeout(gone);
  gone = setTimeout(() => (line.hidden = true), SHOWN_MS);
}
