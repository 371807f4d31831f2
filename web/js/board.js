/** The live board: subscribes while its page is open and exchanges the parts that changed. */
import htmx from "htmx.org";

import * as socket from "./socket.js";

let subscribed = false;
let version = null;

export function start() {
  document.addEventListener("htmx:after:swap", follow);
  socket.on("line", ({ state }) => {
    subscribed = false;
    if (state === "live") follow();
  });
  socket.on("board", show);
}

function follow() {
  const wanted = document.querySelector("[data-board]") !== null;
  if (wanted === subscribed) return;
  if (socket.send(wanted ? "subscribe" : "unsubscribe", { topic: "board" })) subscribed = wanted;
  version = null;
}

function show(message) {
  if (!subscribed) return;
  if (!message.whole && version !== null && message.version !== version + 1) {
    // One was missed: ask for the whole again.
    subscribed = false;
    return follow();
  }
  version = message.version;
  for (const [id, html] of Object.entries(message.parts)) {
    const part = document.getElementById(id);
    if (part) exchange(part, html);
  }
}

/** The link or table that had the focus has it afterwards too, if it is still there. */
function exchange(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const address = focused?.getAttribute("href");
  part.innerHTML = html;
  htmx.process(part);
  if (focused) part.querySelector(address ? `[href="${address}"]` : ".table-scroll")?.focus({ preventScroll: true });
}
