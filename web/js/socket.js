/**
 * The line to the server: one WebSocket a tab, connected again for as long as the page is open.
 *
 * What the server tells one person is numbered. After a break the page says the last number it has
 * seen and gets what it missed, or a whole snapshot. Messages and changes of the line itself
 * ("line", with `state`: live, reconnecting or ended) reach the others through `on`.
 */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const PING_MS = 20_000;
/** So long after a ping without a word, the line is dead, whatever the browser believes. */
const SILENT_MS = 10_000;

const SESSION_ENDED = [4001, 4002];
const NONSENSE = 4009;

const listeners = new Map();
let address;
let socket;
let seq = null;
let requests = 0;
let pause = FIRST_MS;
let retry;
let silence;
let clockOffsetMs = 0;

/** The server's clock, in milliseconds since the epoch. */
export const now = () => Date.now() + clockOffsetMs;

export function on(type, listener) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(listener);
}

/** Sends a request if the line is up; what matters is sent again by who sent it, on "line" live. */
export function send(type, fields = {}) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify({ type, id: ++requests, ...fields }));
  return true;
}

export function start(path) {
  address = path;
  connect();
  setInterval(ping, PING_MS);
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
}

function connect() {
  clearTimeout(retry);
  retry = undefined;
  const mine = new WebSocket(new URL(address, location.href.replace(/^http/, "ws")));
  socket = mine;
  mine.addEventListener("open", () => {
    requests = 0;
    send("hello", seq === null ? {} : { seq });
    tell("line", { state: "live" });
  });
  mine.addEventListener("message", (event) => {
    clearTimeout(silence);
    hear(JSON.parse(event.data));
  });
  mine.addEventListener("close", (event) => mine === socket && lost(event.code));
}

function hear(message) {
  // Only now is it certain that the server takes us: a refused page gets a close code first.
  pause = FIRST_MS;
  if (typeof message.now === "number") clockOffsetMs = message.now * 1000 - Date.now();
  if (typeof message.seq === "number") seq = message.seq;
  tell(message.type, message);
}

function lost(code) {
  clearTimeout(silence);
  if (SESSION_ENDED.includes(code)) return tell("line", { state: "ended" });
  if (code === NONSENSE) seq = null;
  tell("line", { state: "reconnecting" });
  retry = setTimeout(connect, pause * (0.7 + 0.6 * Math.random()));
  pause = Math.min(pause * 2, LONGEST_MS);
}

/** The network is back, or the person looks: do not wait for the timer. */
function hurry() {
  if (retry !== undefined) connect();
  else ping();
}

function ping() {
  if (!send("ping")) return;
  clearTimeout(silence);
  silence = setTimeout(() => {
    const dead = socket;
    socket = undefined;
    dead.close();
    lost(0);
  }, SILENT_MS);
}

function tell(type, message) {
  for (const listener of listeners.get(type) ?? []) listener(message);
}
