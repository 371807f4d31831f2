/**
 * Notices: the bell counts anew when the server tells of one, and it is said once at the foot of the
 * page; on the desktop too, if the person wants that and looks elsewhere.
 *
 * What comes in one burst is one line: the last of it, and how many more there are.
 */
import htmx from "htmx.org";

import { showOnDesktop } from "./ringing.js";
import * as socket from "./socket.js";

const SHOWN_MS = 12_000;
const BURST_MS = 250;

let burst = [];
let gathering;
let gone;

export function start() {
  socket.on("notice", gather);
  const line = document.querySelector("#notice-news");
  // Whoever reads it, or goes for its buttons, is not hurried.
  for (const type of ["pointerenter", "focusin"]) line.addEventListener(type, () => clearTimeout(gone));
  for (const type of ["pointerleave", "focusout"]) line.addEventListener(type, () => hideSoon(line));
  line.addEventListener("submit", putOff);
  line.addEventListener("click", (event) => event.target.closest("a") && (line.hidden = true));
  document.addEventListener("click", askLeave);
  document.addEventListener("htmx:after:swap", showLeave);
  showLeave();
}

function gather(notice) {
  htmx.trigger(document.body, "notice");
  burst.push(notice);
  clearTimeout(gathering);
  gathering = setTimeout(show, BURST_MS);
}

async function show() {
  const [told, all] = [burst.filter(({ page, desktop }) => page !== false || desktop), burst];
  burst = [];
  const last = told.at(-1);
  if (!last) return;
  const answer = await fetch(`/notices/${last.id}/news?more=${all.length - 1}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const line = document.querySelector("#notice-news");
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  if (last.desktop) {
    const says = part.content.querySelector(".news__text").textContent.trim().replace(/\s+/g, " ");
    showOnDesktop(`notice-${last.id}`, says, () => go(`/notices/${last.id}`));
  }
  if (last.page === false) return;
  line.replaceChildren(part.content);
  htmx.process(line);
  line.hidden = false;
  hideSoon(line);
}

function hideSoon(line) {
  clearTimeout(gone);
  gone = setTimeout(() => (line.hidden = true), SHOWN_MS);
}

const go = (address) => htmx.ajax("GET", address, { target: "#main", swap: "innerHTML scroll:top", push: address });

/** Puts it off without leaving the page. */
async function putOff(event) {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, event.submitter));
  const answer = await fetch(event.target.action, { method: "POST", body, redirect: "manual" });
  if (answer.type !== "opaqueredirect") return;
  event.target.closest("#notice-news").hidden = true;
  htmx.trigger(document.body, "notice");
}

/** Notices of the desktop need the browser's leave, which it gives only when a person asks for it. */
async function askLeave(event) {
  if (!event.target.closest("[data-desktop-leave]")) return;
  await Notification.requestPermission();
  showLeave();
}

function showLeave() {
  const part = document.querySelector("[data-desktop]");
  if (part) part.dataset.desktop = "Notification" in window ? Notification.permission : "unsupported";
}
