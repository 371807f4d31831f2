/** My state: the menu's choices go to the server; what it answers over the line is what is shown. */
import { call, refuse } from "./api.js";
import { stateValues } from "./facts.js";
import { fill } from "./fill.js";
import { askLeave } from "./ringing.js";
import * as socket from "./socket.js";

export function start() {
  socket.on("snapshot", ({ state }) => show(state));
  socket.on("state", ({ state }) => show(state));
  document.addEventListener("click", (event) => {
    const wish = event.target.closest("[data-state-wish]");
    if (wish) choose(wish);
    const done = event.target.closest("[data-wrap-up-done]");
    if (done) ask(done, "DELETE", "/api/v1/me/wrap-up");
  });
}

function choose(item) {
  const { stateWish: state, reason } = item.dataset;
  if (state === "ready") askLeave();
  ask(item, "PUT", "/api/v1/me/state", reason ? { state, reason } : { state });
}

async function ask(beside, method, path, body) {
  try {
    await call(method, path, body);
  } catch (problem) {
    refuse(document.querySelector("#state .state-group") ?? beside, problem.message);
  }
}

/** An open menu stays open: only its button changes under it. */
function show(view) {
  const place = document.querySelector("#state");
  const fresh = fill("my-state", stateValues(view));
  const open = place.querySelector("details[open]");
  if (open) open.querySelector("summary").replaceChildren(...fresh.querySelector("summary").childNodes);
  else place.replaceChildren(fresh);
}
