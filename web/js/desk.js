/**
 * The desk follows the calls: the caller's card opens in the middle while the phone rings, and the
 * list of my calls is fetched anew when one has begun or ended. Never while the person is typing there.
 */
import htmx from "htmx.org";

import * as notes from "./notes.js";
import * as socket from "./socket.js";

let changed;

export function start() {
  document.addEventListener("pop:shown", ({ detail: { pop } }) => {
    if (pop.dataset.contact) openCard(pop.dataset.contact);
  });
  let before = "";
  socket.on("calls", ({ calls = [] }) => {
    // One may have ended and the next begun within the same message.
    const now = calls.map((call) => call.call_id).join();
    if (now !== before) refreshSoon();
    before = now;
  });
}

function openCard(contact) {
  const card = document.querySelector("#desk-card");
  if (!card || card.dataset.contact === contact || isInUse(card)) return;
  fetchPart(`/desk?contact=${contact}`, "#desk-card", "#desk-facts");
}

/** The record is written a moment after the call changed: give it that moment. */
function refreshSoon() {
  clearTimeout(changed);
  changed = setTimeout(() => {
    const list = document.querySelector("#desk-calls");
    if (!list || isInUse(list)) return;
    const card = document.querySelector("#desk-card");
    const contact = card.dataset.contact ? `&contact=${card.dataset.contact}` : "";
    const beside = isInUse(card) ? "#desk-day" : "#desk-day,#desk-card";
    fetchPart(`${list.dataset.url}${contact}`, "#desk-calls", beside);
  }, 1_500);
}

const isInUse = (part) => part.contains(document.activeElement) || notes.isUnsaved(part);

/** Exchanges `part`, and what stands `beside` it, by what the page at `url` has there. */
const fetchPart = (url, part, beside) =>
  htmx.ajax("GET", url, { target: part, select: part, selectOOB: beside, swap: "outerHTML", push: "false" });
