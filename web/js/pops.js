/**
 * The cards of calls on my phone: raised, changed part by part, and taken away with the reason.
 *
 * The server says which pops there are; the page only shows them. What a person is typing is never
 * touched: a part that has the focus is left alone, and a pop with an unsaved note stays until the
 * note is saved or the person closes it.
 */
import htmx from "htmx.org";

import { call, refuse } from "./api.js";
import { popValues } from "./facts.js";
import { fill } from "./fill.js";
import * as notes from "./notes.js";
import * as ringing from "./ringing.js";
import * as socket from "./socket.js";

/** How long the reason stays when a call went elsewhere. */
const REASON_MS = 8_000;
/** What stands below the pops on the desk keeps so far away from them, in pixels. */
const GAP = 12;

const received = new Map();

const place = () => document.querySelector("#pops");
const find = (id) => [...place().children].find((pop) => pop.dataset.pop === id);

export function start() {
  ringing.start();
  socket.on("snapshot", replaceAll);
  socket.on("pop", ({ pop }) => raise(pop));
  socket.on("pop.withdrawn", withdraw);
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (close) remove(close.closest("[data-pop]"));
    const choice = event.target.closest("[data-choose]");
    if (choice) choose(choice);
  });
  watchPaint();
  new ResizeObserver(([entry]) => {
    const height = Math.ceil(entry.contentRect.height);
    document.documentElement.style.setProperty("--pops-height", `${height && height + GAP}px`);
  }).observe(place());
}

function replaceAll({ pops = [] }) {
  const present = new Set(pops.map((pop) => pop.id));
  for (const old of [...place().children]) if (!present.has(old.dataset.pop)) end(old, "");
  for (const pop of pops) raise(pop);
}

function raise(pop) {
  const { id } = pop;
  const fresh = fill("pop", popValues(pop));
  const old = find(id);
  if (old) {
    patch(old, fresh);
  } else {
    received.set(id, performance.now());
    clearEnded();
    place().prepend(fresh);
    htmx.process(fresh);
    if (fresh.dataset.phase === "ringing") ringing.ring(id, fresh.dataset.title);
    if (!canTimeElements) requestAnimationFrame(() => requestAnimationFrame(() => painted(fresh, performance.now())));
  }
  notes.adopt(find(id));
  announce();
  document.dispatchEvent(new CustomEvent("pop:shown", { detail: { pop: find(id), isNew: !old } }));
}

/** Exchanges the parts that differ, but for one with the focus in it. */
function patch(old, fresh) {
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  if (!fresh.dataset.contact) delete old.dataset.contact;
  for (const part of [...fresh.querySelectorAll("[data-part]")]) {
    const name = part.dataset.part;
    const shown = old.querySelector(`[data-part="${name}"]`);
    if (name === "note" && notes.isSame(shown, part)) notes.refresh(shown, part);
    else if (shown.innerHTML !== part.innerHTML && !shown.contains(document.activeElement)) {
      shown.replaceWith(part);
      htmx.process(part);
    }
  }
}

function withdraw({ id, text }) {
  const pop = find(id);
  if (pop) end(pop, text);
}

/** A call that was talked stays for its note; one that went elsewhere says so and goes. */
function end(pop, why) {
  const wasTalked = pop.dataset.phase === "talking";
  pop.dataset.phase = "ended";
  if (wasTalked || notes.isUnsaved(pop) || pop.contains(document.activeElement)) {
    showEnded(pop, why);
  } else if (why) {
    showGone(pop, why);
  } else {
    remove(pop);
  }
  announce();
}

function showEnded(pop, why) {
  pop.querySelector(".pop__top .dot").dataset.state = "ended";
  if (why) pop.querySelector(".pop__phase").textContent = why;
  // The clock stops where it stood.
  pop.querySelector(".pop__top time")?.removeAttribute("data-since");
  pop.querySelector("[data-close]").hidden = false;
  pop.querySelector("[data-hang-up]")?.remove();
}

function showGone(pop, why) {
  const line = document.createElement("p");
  line.className = "pop__gone";
  const name = document.createElement("strong");
  name.textContent = pop.dataset.title;
  const close = pop.querySelector("[data-close]");
  close.hidden = false;
  line.append(name, why, close);
  pop.replaceChildren(line);
  setTimeout(() => remove(pop), REASON_MS);
}

/** A new call makes room: ended cards with nothing unsaved in them go. */
function clearEnded() {
  for (const pop of [...place().querySelectorAll('[data-phase="ended"]')]) {
    if (!notes.isUnsaved(pop) && !pop.contains(document.activeElement)) pop.remove();
  }
}

function remove(pop) {
  if (!pop?.isConnected) return;
  notes.flush(pop);
  received.delete(pop.dataset.pop);
  pop.remove();
  announce();
}

function announce() {
  const ring = place().querySelector('[data-phase="ringing"]');
  ringing.flash(ring ? ring.dataset.title : null);
}

async function choose(button) {
  button.disabled = true;
  try {
    await call("POST", `/api/v1/interactions/${button.dataset.interaction}/contact`, {
      contact_id: Number(button.dataset.choose),
    });
  } catch (problem) {
    refuse(button, problem.message);
  } finally {
    button.disabled = false;
  }
}

// ---------------------------------------------------------------- when it was on the screen

const canTimeElements = PerformanceObserver.supportedEntryTypes?.includes("element") ?? false;

function watchPaint() {
  if (!canTimeElements) return;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const pop = entry.element?.closest("[data-pop]");
      if (pop) painted(pop, entry.renderTime || entry.startTime);
    }
  }).observe({ type: "element", buffered: true });
}

function painted(pop, at) {
  const id = pop.dataset.pop;
  const from = received.get(id);
  if (from === undefined) return;
  received.delete(id);
  socket.send("seen", { pop_id: id, ms: Math.max(0, at - from) });
}
