/**
 * A day on one screen: J, K and the arrows walk through its people, and the customer follows.
 *
 * When the server tells that something of the day has changed, the page is asked for anew and its parts
 * are exchanged one by one. What somebody types in is never touched; what has the focus keeps it.
 */
import htmx from "htmx.org";

import * as keeping from "./keeping.js";
import * as socket from "./socket.js";

/** A row that one only passes by on the way is not fetched. */
const PAUSE_MS = 180;
/** What is told in one burst is asked for once. */
const BURST_MS = 250;
/** A call is in the list so long after it has begun. */
const WRITTEN_MS = 1_500;
/** Time passes, too: what was still to come becomes overdue. */
const ROUND_MS = 60_000;

const screen = () => document.querySelector("[data-my-day]");
const part = (name) => document.querySelector(`#my-${name}`);
const inside = (target, selector) => target.closest?.(`[data-my-day] ${selector}`);

let pause;
let burst;
let asked = 0;
/** How many choices are on their way: what is only asked for anew waits for them, it would say who was shown before. */
let choosing = 0;

export function start() {
  for (const type of ["day", "notice"]) socket.on(type, refreshSoon);
  // The list of calls has one that goes on, too; it is written a moment after it has begun.
  socket.on("calls", () => document.querySelector("[data-list-of=calls]") && setTimeout(refreshSoon, WRITTEN_MS));
  let isFirst = true;
  socket.on("snapshot", () => {
    if (!isFirst) refreshSoon();
    isFirst = false;
  });
  setInterval(() => document.visibilityState === "visible" && refreshSoon(), ROUND_MS);
  document.addEventListener("focusin", ({ target }) => {
    const person = inside(target, "[data-person]");
    clearTimeout(pause);
    if (person && !person.hasAttribute("aria-current")) pause = setTimeout(() => choose(person.href), PAUSE_MS);
  });
  document.addEventListener("click", click, { capture: true });
  document.addEventListener("keydown", obey, { capture: true });
  document.addEventListener("pop:shown", ({ detail: { pop, isNew } }) => isNew && show(pop.dataset.contact));
}

function click(event) {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.shiftKey || !screen()) return;
  const link = inside(target, "[data-person], [data-show-report], [data-day], [data-list]");
  if (link) {
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(pause);
    choose(link.href, link.matches("[data-show-report]"));
  } else if (inside(target, "[data-report-focus]")) {
    focusReport();
  } else if (inside(target, "[data-preset]")) {
    inside(target, "[data-preset]").focus();
  } else if (inside(target, "[data-at]")) {
    setMoment(inside(target, "[data-at]"));
  }
}

function focusReport() {
  const fields = [...document.querySelectorAll("#my-report :is([type=radio], textarea)")];
  (fields.find((field) => field.checked && field.name === "result_id") ?? fields[0])?.focus();
}

function setMoment(button) {
  const field = button.form.elements.step_start_at;
  field.value = button.dataset.at;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// ------------------------------------------------------------ arrows

const DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const ROWS = { ArrowUp: -1, ArrowDown: 1 };

function obey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const day = inside(event.target, "[data-day]");
  const row = inside(event.target, "#my-people [data-row]");
  if (day && DAYS[event.key]) {
    event.preventDefault();
    walkTo(moved(day.dataset.day, DAYS[event.key]));
  } else if (row && ROWS[event.key]) {
    event.preventDefault();
    const rows = [...part("people").querySelectorAll("[data-row]")];
    rows[rows.indexOf(row) + ROWS[event.key]]?.focus();
  }
}

function moved(day, by) {
  const date = new Date(`${day}T12:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}

async function walkTo(day) {
  await choose(`/my-day?day=${day}`);
  part("month")?.querySelector(`[data-day="${day}"]`)?.focus();
}

// ------------------------------------------------------------ parts of the page, exchanged

/** Shows what `address` has, here and in the address bar: another day, another customer. */
async function choose(address, isReport = false) {
  choosing += 1;
  const fresh = await fetched(address).finally(() => (choosing -= 1));
  if (!fresh) return;
  history.replaceState(history.state, "", fresh.dataset.myDay);
  mark(fresh.querySelector("#my-customer").dataset.contact);
  exchangeAll(fresh, true);
  if (isReport) focusReport();
}

/** The row that is chosen is marked where it stands: a list that is exchanged is told anew to who hears it. */
function mark(contact) {
  for (const row of part("people").querySelectorAll("[data-person]")) {
    const isChosen = row.dataset.person === contact;
    row.toggleAttribute("autofocus", false);
    row.closest(".turn").classList.toggle("turn--chosen", isChosen);
    if (isChosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Who calls is shown by himself, unless one is at work on somebody else. */
function show(contact) {
  const customer = part("customer");
  if (!contact || !customer || customer.dataset.contact === contact || isInUse(customer)) return;
  const address = new URL(screen().dataset.myDay, location.href);
  address.searchParams.delete("event");
  address.searchParams.set("contact", contact);
  choose(address.pathname + address.search);
}

function refreshSoon() {
  clearTimeout(burst);
  burst = setTimeout(async () => {
    if (choosing) return refreshSoon();
    const fresh = screen() && (await fetched(screen().dataset.myDay));
    if (fresh) exchangeAll(fresh, false);
  }, BURST_MS);
}

/** What the page at `address` has, unless something else was asked for meanwhile. */
async function fetched(address) {
  const [turn, shown] = [++asked, screen()];
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!answer?.ok) return undefined;
  const page = document.createElement("template");
  page.innerHTML = await answer.text();
  return turn === asked && shown === screen() ? page.content.querySelector("[data-my-day]") : undefined;
}

function exchangeAll(fresh, isChosen) {
  const isOther = part("customer").dataset.contact !== fresh.querySelector("#my-customer").dataset.contact;
  screen().dataset.myDay = fresh.dataset.myDay;
  for (const next of fresh.querySelectorAll("[data-part]")) {
    const old = document.getElementById(next.id);
    if (isChosen || !isInUse(old)) exchange(old, next, isChosen && isOther);
  }
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}

/** The clocks of places run in the browser, and each answer writes the token anew: they are no difference. */
function plain(element) {
  const copy = element.cloneNode(true);
  for (const clock of copy.querySelectorAll("[data-zones], .dial__state")) clock.textContent = "";
  for (const token of copy.querySelectorAll('[name="csrf_token"]')) token.removeAttribute("value");
  for (const live of copy.querySelectorAll("[data-adopted]")) live.removeAttribute("data-adopted");
  return copy.innerHTML;
}

function exchange(old, next, isOther) {
  if (plain(old) === plain(next)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const rows = [...old.querySelectorAll("[data-row]")];
  const place = rows.indexOf(focused);
  if (old.id === "my-counters") say(next);
  old.replaceChildren(...next.childNodes);
  if (next.dataset.contact !== undefined) old.dataset.contact = next.dataset.contact;
  htmx.process(old);
  if (isOther && ["my-customer", "my-side"].includes(old.id)) old.scrollTop = 0;
  keeping.adopt();
  if (focused) again(old, focused, place);
}

/** What had the focus gets it again; if it is gone, what stands in its place now. */
function again(old, focused, place) {
  const address = focused.getAttribute("href");
  const { key, person } = focused.dataset;
  const same =
    fieldLike(old, focused) ||
    (key && old.querySelector(`[data-key="${key}"]`)) ||
    (person && old.querySelector(`[data-person="${person}"]`)) ||
    (address && old.querySelector(`[href="${CSS.escape(address)}"]`));
  const rows = [...old.querySelectorAll("[data-row]")];
  const target = same || (place >= 0 ? rows[Math.min(place, rows.length - 1)] : old.querySelector("a, button"));
  target?.focus({ preventScroll: true });
  if (focused.matches("textarea") && target?.matches("textarea")) {
    target.setSelectionRange(focused.selectionStart, focused.selectionEnd);
  }
}

function fieldLike(root, { name, type, value, form }) {
  const fields = form ? [...root.querySelectorAll(`[data-keep="${form.dataset.keep}"] [name="${name}"]`)] : [];
  return name && fields.find((field) => type !== "radio" || field.value === value);
}

/** Those who do not see the numbers hear them when they have changed. */
function say(counters) {
  const told = [...counters.querySelectorAll("[data-counter]")].map((one) => one.textContent.trim().replace(/\s+/g, " "));
  screen().querySelector("[data-my-news]").textContent = told.join(", ");
}

const isInUse = (shown) =>
  Boolean(shown.querySelector(":is(input, textarea, select):focus")) || keeping.isUnsaved(shown);
