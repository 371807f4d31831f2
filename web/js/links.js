/**
 * The banner under the bar: is what this page shows still true?
 *
 * Four states: live (no banner), reconnecting, stale since a time, and a PBX that is not reached.
 */
import * as socket from "./socket.js";
import { text } from "./texts.js";
import { clock } from "./timers.js";

/** A line that is back so soon need not be mentioned. */
const NOT_WORTH_A_WORD_MS = 1_500;
const STALE_MS = 8_000;

const pbxs = new Map();
let line = "live";
let lostAt = null;

export function start() {
  socket.on("line", ({ state }) => {
    if (state !== "live") lostAt ??= Date.now();
    else lostAt = null;
    line = state;
    show();
  });
  socket.on("snapshot", ({ links = [] }) => {
    pbxs.clear();
    for (const link of links) pbxs.set(link.pbx, link);
    show();
  });
  socket.on("link", ({ link }) => {
    pbxs.set(link.pbx, link);
    show();
  });
  setInterval(() => lostAt && show(), 1_000);
}

function show() {
  const banner = document.querySelector("#link-banner");
  const [state, sentence] = words();
  if (banner.dataset.state === state && banner.dataset.sentence === sentence) return;
  banner.dataset.state = state;
  banner.dataset.sentence = sentence;
  banner.hidden = state === "live";
  banner.replaceChildren(sentence);
  if (state === "ended") banner.append(signIn());
  document.body.toggleAttribute("data-stale", state === "stale" || state === "ended");
}

function words() {
  if (line === "ended") return ["ended", text("link-ended")];
  const lostMs = lostAt ? Date.now() - lostAt : 0;
  if (lostMs > STALE_MS) return ["stale", text("link-stale", { time: clock(lostAt) })];
  if (lostMs > NOT_WORTH_A_WORD_MS) return ["reconnecting", text("link-reconnecting")];
  const down = [...pbxs.values()].find((link) => !link.up);
  if (down) return ["down", text("pbx-down", { name: down.name, time: clock(down.since * 1000) })];
  return ["live", ""];
}

function signIn() {
  const link = document.createElement("a");
  link.className = "button button--small";
  link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = text("link-sign-in");
  return link;
}
