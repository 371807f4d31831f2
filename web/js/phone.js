/**
 * Calls by click: any [data-dial], and the box in the bar.
 *
 * Each click draws an intent id, under which the server places at most one call; a second click on
 * a number that is being called does nothing. What really happens comes over the line: both sides'
 * state is shown in the button itself.
 */
import htmx from "htmx.org";

import { call, refuse } from "./api.js";
import { callValues } from "./facts.js";
import { fill } from "./fill.js";
import * as socket from "./socket.js";
import { text } from "./texts.js";

/** A double click, or a second one out of impatience, is one click. */
const SAME_CLICK_MS = 1_500;
const FINAL = ["refused", "done"];

let calls = [];
/** intent id -> { number, status, at, beside } of what was asked for on this page. */
const asked = new Map();

const digits = (number) => (number ?? "").replace(/[^0-9+]/g, "");

export function start() {
  socket.on("snapshot", ({ calls }) => show(calls));
  socket.on("calls", ({ calls }) => show(calls));
  socket.on("dial", settle);
  document.addEventListener("htmx:after:swap", decorate);
  document.addEventListener("pop:shown", decorate);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dial]");
    if (button) dial(button, wish(button));
    const end = event.target.closest("[data-hang-up]");
    if (end) hangUp(end);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-dial-form]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    dialTyped(event.target);
  }, true);
}

/** Ends my call, if there is exactly one to end (the key H). */
export function hangUpOnly() {
  const live = calls.filter((each) => each.phase !== "ended");
  const button = document.querySelector("#callbar [data-hang-up]");
  if (live.length === 1 && button) hangUp(button);
}

function wish({ dataset }) {
  return {
    number: dataset.dial,
    ...(dataset.point ? { number: undefined, point_id: Number(dataset.point) } : {}),
    // Whoever may not read a number calls whose it is.
    ...(dataset.byCall ? { number: undefined, call_id: Number(dataset.byCall) } : {}),
    ...(dataset.contact ? { contact_id: Number(dataset.contact) } : {}),
  };
}

async function dialTyped(form) {
  const input = form.elements.number;
  if (!input.value.trim()) return;
  if (await dial(form, { number: input.value.trim() })) input.value = "";
}

/** Returns whether the call was asked for. */
async function dial(beside, wanted) {
  const number = digits(beside.dataset.dial ?? wanted.number);
  if (isBusyWith(number)) return false;
  const intent = newId();
  asked.set(intent, { number, status: "asked", at: Date.now(), beside });
  decorate();
  try {
    await call("POST", "/api/v1/calls", { intent_id: intent, ...wanted });
    return true;
  } catch (problem) {
    asked.delete(intent);
    decorate();
    refuse(beside, problem.message);
    return false;
  }
}

const isBusyWith = (number) =>
  callTo(number) !== undefined ||
  [...asked.values()].some((each) => each.number === number && (each.status === "asked" || Date.now() - each.at < SAME_CLICK_MS));

/** crypto.randomUUID is missing on plain http; the server asks for an id nobody else draws. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What became of a click: a refusal is shown where the click was. */
function settle({ intent_id, status, text: sentence }) {
  const mine = asked.get(intent_id);
  if (!mine) return;
  mine.status = status;
  if (FINAL.includes(status)) asked.delete(intent_id);
  decorate();
  if (!["refused", "unknown"].includes(status)) return;
  const beside = mine.beside.isConnected ? mine.beside : document.querySelector("[data-dial-form]");
  refuse(beside, sentence || text(status === "unknown" ? "dial-unknown" : "failed"));
}

async function hangUp(button) {
  button.disabled = true;
  try {
    await call("DELETE", `/api/v1/calls/${button.dataset.hangUp}`);
  } catch (problem) {
    refuse(button, problem.message);
  } finally {
    button.disabled = false;
  }
}

// ---------------------------------------------------------------- what is shown

function show(now = []) {
  calls = now;
  const bar = document.querySelector("#callbar");
  const focused = bar.contains(document.activeElement) ? document.activeElement.dataset.hangUp : undefined;
  bar.replaceChildren(fill("call-bar", { calls: calls.map(callValues) }));
  htmx.process(bar);
  if (focused) bar.querySelector(`[data-hang-up="${focused}"]`)?.focus();
  decorate();
}

/** The call to `number` that goes on: asked for here, or dialled to the same digits. */
function callTo(number) {
  const isTo = (each) => asked.get(each.intent_id)?.number === number || digits(each.number) === number;
  return calls.find((each) => number && each.phase !== "ended" && each.direction !== "inbound" && isTo(each));
}

/** Shows in each button how the call to its number stands. */
function decorate() {
  for (const button of document.querySelectorAll("[data-dial]")) {
    const number = digits(button.dataset.dial);
    const live = callTo(number);
    const waiting = [...asked.values()].find((each) => each.number === number && !FINAL.includes(each.status));
    const [phase, words] = live ? howItStands(live) : waiting ? ["asked", text(`dial-${waiting.status === "unknown" ? "unknown" : "asked"}`)] : [];
    const line = button.querySelector(".dial__state");
    if (phase) button.dataset.phase = phase;
    else delete button.dataset.phase;
    if (line && line.textContent !== (words ?? "")) line.textContent = words ?? "";
    withHangUp(button, live);
  }
}

function howItStands(live) {
  const leg = (party) => live.legs?.find((each) => each.party === party);
  const agent = leg("agent");
  const customer = leg("customer") ?? leg("external");
  if (live.phase === "talking" || live.phase === "hold") return [live.phase, text(`dial-${live.phase}`)];
  if (agent?.phase === "ringing") return ["asked", text("dial-agent-ringing")];
  if (customer?.phase === "ringing") return ["ringing", text("dial-ringing")];
  return ["dialling", text("dial-dialling")];
}

function withHangUp(button, live) {
  const place = button.closest(".dial");
  const shown = place?.querySelector("[data-hang-up]");
  if (!live) shown?.remove();
  else if (place && !shown) {
    const end = document.querySelector("#hang-up").content.firstElementChild.cloneNode(true);
    end.dataset.hangUp = live.call_id;
    place.append(end);
  }
}
