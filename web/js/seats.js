/**
 * My phones: the choice of the one that click-to-call rings, beside the number, and the dialogue in
 * which I sit down at a shared phone. It opens by itself when I come in and have no phone at all.
 */
import { call, refuse } from "./api.js";
import * as socket from "./socket.js";

const ASKED = "seat-asked";

const dialog = () => document.querySelector("#seat-dialog");

export function start() {
  socket.on("snapshot", (message) => {
    show(message);
    askOnce(message);
  });
  socket.on("phones", show);
  socket.on("seat", ({ text }) => say(text));
  document.addEventListener("change", ({ target }) => target.matches("[data-phone-choice]") && ringFirst(target));
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-seat-open]")) open();
  });
  dialog().addEventListener("click", pressed);
  dialog().addEventListener("input", ({ target }) => target.matches("[data-seat-filter]") && filter(target.value));
  dialog().addEventListener("keydown", step);
}

// ---------------------------------------------------------------- which phone

function show({ phones = [], shared = false }) {
  document.body.toggleAttribute("data-shared-phones", shared);
  const choice = document.querySelector("[data-phone-choice]");
  const options = phones.map(({ id, name, seat }) => new Option(seat ? `${seat} · ${name}` : name, id));
  // The first is the one that rings; the order of the others is of no matter here.
  choice.replaceChildren(...options);
  choice.hidden = phones.length < 2;
}

async function ringFirst(choice) {
  try {
    await call("PUT", "/api/v1/me/phones/first", { device_id: Number(choice.value) });
  } catch (problem) {
    choice.selectedIndex = 0;
    refuse(choice, problem.message);
  }
}

// ---------------------------------------------------------------- where to sit

/** Asked once a session, and only if there is somewhere to sit. */
function askOnce({ phones = [], free = false }) {
  if (phones.length || !free || sessionStorage.getItem(ASKED)) return;
  sessionStorage.setItem(ASKED, "1");
  open();
}

async function open() {
  const box = dialog();
  if (box.open) return;
  const answer = await fetch("/phones/choice", { credentials: "same-origin" });
  if (!answer.ok) return;
  box.innerHTML = await answer.text();
  box.showModal();
  box.querySelector("[data-seat-filter], [data-seat]")?.focus();
}

function pressed(event) {
  const seat = event.target.closest("[data-seat]");
  if (seat) return sit(seat);
  const leave = event.target.closest("[data-seat-leave]");
  if (leave) return ask(leave, "DELETE", "/api/v1/me/seat");
  // A click beside the dialogue is one on the dialogue itself.
  if (event.target === dialog() || event.target.closest("[data-seat-close]")) dialog().close();
}

/** A place that somebody has is taken at the second press. */
function sit(item) {
  const { seat, taken, sure } = item.dataset;
  if (taken && !sure) {
    item.dataset.sure = "1";
    const words = item.querySelector(".seats__who");
    words.setAttribute("role", "alert");
    words.textContent = taken;
    return;
  }
  ask(item, "PUT", "/api/v1/me/seat", { seat_id: Number(seat), take: Boolean(taken) });
}

async function ask(item, method, path, body) {
  item.disabled = true;
  try {
    await call(method, path, body);
    dialog().close();
  } catch (problem) {
    item.disabled = false;
    refuse(item, problem.message);
  }
}

function filter(typed) {
  const wanted = typed.trim().toLocaleLowerCase();
  let any = false;
  for (const item of dialog().querySelectorAll("[data-seat]")) {
    const fits = item.dataset.find.toLocaleLowerCase().includes(wanted);
    item.parentElement.hidden = !fits;
    any ||= fits;
  }
  dialog().querySelector("[data-seat-none]").hidden = any;
}

function step(event) {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const items = [...dialog().querySelectorAll("li:not([hidden]) > [data-seat]")];
  const here = items.indexOf(document.activeElement);
  items.at(here < 0 ? 0 : (here + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length)?.focus();
}

// ---------------------------------------------------------------- what happened

const SAID_MS = 8_000;
let silence;

function say(sentence) {
  const place = document.querySelector("#seat-news");
  clearTimeout(silence);
  place.textContent = sentence;
  place.hidden = false;
  silence = setTimeout(() => (place.hidden = true), SAID_MS);
}
