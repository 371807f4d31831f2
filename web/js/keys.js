/**
 * Keys, as shown in the buttons. Single letters do nothing while a field has the focus, and can be
 * switched off in the account (WCAG 2.1.4).
 */
import { openMenu } from "./kanban.js";
import { mark } from "./lists.js";
import { hangUpOnly } from "./phone.js";

const SWITCH = "keys-off";
const CHORD_MS = 1_200;

let goUntil = 0;

const press = (selector) => document.querySelector(selector)?.click();
const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

const SINGLE = {
  "/": () => focusSearch(),
  "?": () => press('.rail a[href="/help/keys"]'),
  n: () => focusNote(),
  o: () => press(document.querySelector("#pops .pop__name a") ? "#pops .pop__name a" : "#main [data-open-card]"),
  h: () => hangUpOnly(),
  p: () => press("body[data-shared-phones] [data-seat-open]"),
  j: () => step(1),
  k: () => step(-1),
  e: () => press("[data-edit]"),
  t: () => plan(),
  l: () => takeLead(),
  f: () => press("[data-key-filter]"),
  m: () => openMenu(),
  x: () => mark(),
  g: () => (goUntil = Date.now() + CHORD_MS),
};

export function start() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return focusSearch();
    }
    if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (localStorage.getItem(SWITCH)) return;
    obey(event);
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    if (event.target.checked) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, "1");
  });
  document.addEventListener("htmx:after:swap", showSwitch);
  showSwitch();
}

function obey(event) {
  const key = event.key.toLowerCase();
  if (Date.now() < goUntil) {
    goUntil = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) {
      event.preventDefault();
      return link.click();
    }
  }
  if (pressInRow(key)) return event.preventDefault();
  const shown = key.length === 1 && document.querySelector(`#main [data-press="${CSS.escape(key)}"]`);
  const action = SINGLE[key] ?? (shown && (() => shown.click()));
  if (!action) return;
  event.preventDefault();
  action();
}

/** A row of a list of work has keys of its own while it has the focus; C calls. */
function pressInRow(key) {
  const row = document.activeElement?.closest("[data-row-keys]");
  if (!row || key.length !== 1) return false;
  const button = row.querySelector(key === "c" ? "[data-dial]" : `[data-row-press="${CSS.escape(key)}"]`);
  button?.click();
  return Boolean(button);
}

/** What is planned during a call belongs to that call, whatever page is open. */
function plan() {
  const places = ["#pops [data-plan]", '#main [data-plan], #main [data-press="t"]'];
  places.map((place) => document.querySelector(place)).find(Boolean)?.click();
}

/** A lead taken down during a call is that call's, whatever page is open. */
function takeLead() {
  const places = ["#pops [data-lead]", '#main [data-lead], #main [data-press="l"]'];
  places.map((place) => document.querySelector(place)).find(Boolean)?.click();
}

function focusSearch() {
  const field = document.querySelector("#search");
  field.focus();
  field.select();
}

function focusNote() {
  const field = document.querySelector("#pops [data-note] textarea, #main [data-note] textarea");
  if (!field) return;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

/** J and K walk through the rows of a list; Enter then follows the link that has the focus. */
function step(by) {
  // Where a page has a list to walk through, the links beside it are left out.
  const list = document.querySelector("#main [data-walk]") ?? document.querySelector("#main");
  const rows = [...list.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

function showSwitch() {
  const box = document.querySelector("[data-keys-switch]");
  if (box) box.checked = !localStorage.getItem(SWITCH);
}
