/**
 * Clocks that run: <time data-since>, <time data-until> (epoch seconds) and the customer's local
 * time, <time data-zones>. Everything else about dates is formatted by the server, since Chromium
 * has no Azerbaijani.
 */
import { now } from "./socket.js";

const RUNNING = "time[data-since], time[data-until], time[data-zones]";

export function start() {
  tick();
  setInterval(tick, 1_000);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) tick(node);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

function tick(root = document) {
  const clocks = [...root.querySelectorAll(RUNNING)];
  if (root !== document && root.matches(RUNNING)) clocks.push(root);
  for (const element of clocks) {
    const { since, until, zones } = element.dataset;
    let shown;
    if (since) shown = span(now() / 1000 - Number(since));
    else if (until) shown = span(Number(until) - now() / 1000);
    else shown = localTimes(zones.split(" "));
    if (element.textContent !== shown) element.textContent = shown;
  }
}

/** "03:27", or "1:03:27" from an hour on: as the server's `duration` filter. */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${two(minutes)}:${two(whole % 60)}`;
}

/** A time of day on this computer's clock. */
export const clock = (ms, timeZone) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(ms);

/** A number may belong to a country of several zones: then from the westernmost to the easternmost. */
function localTimes(zones) {
  const here = now();
  const wallClock = (zone) => Date.parse(new Date(here).toLocaleString("en-US", { timeZone: zone }));
  const sorted = [...zones].sort((one, other) => wallClock(one) - wallClock(other));
  const [first, last] = [clock(here, sorted[0]), clock(here, sorted.at(-1))];
  return first === last ? first : `${first}–${last}`;
}
