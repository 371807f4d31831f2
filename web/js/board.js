/** The live board: subscribes while its page is open and exchanges the parts that changed. */
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
    // A link with the focus keeps it: the part is exchanged when the person has moved on.
    if (part && !part.contains(document.activeElement)) part.innerHTML = html;
  }
}
