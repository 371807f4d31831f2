/**
 * Forms that keep what is typed until it is saved: <form data-keep="name">.
 *
 * Whoever looks at something else meanwhile, answers a call or has to sign in again finds his words when the form is
 * shown the next time, in this tab. With data-keep-says a line above the form says so and offers to start afresh;
 * [data-forget] gives the words up. Only what differs from what the server showed is kept, with the version that it was
 * written over: what a colleague changed since is joined or refused by the server as ever, never overwritten. What
 * the server shows after a refusal is what was typed: that stays.
 */
import { text } from "./texts.js";

const UNKEPT = ["hidden", "submit", "button", "search", "password", "file"];
const TICKED = ["checkbox", "radio"];

/** form -> what stood in it when the server had shown it; `nodes` are its rows. */
const begun = new WeakMap();

/** What is on its way to the server: { key, form }. */
let sent;

const key = (form) => `keep:${document.body.dataset.who}:${form.dataset.keep}`;
const read = (form) => JSON.parse(sessionStorage.getItem(key(form)));
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function start() {
  adopt();
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    if (sent && (!sent.form.isConnected || detail?.ctx?.sourceElement === sent.form)) answered();
    adopt();
  });
  document.addEventListener("htmx:error", () => (sent = undefined));
  document.addEventListener("input", ({ target }) => target.form?.dataset.keep && keep(target.form));
  document.addEventListener("submit", ({ target }) => {
    if (target.dataset.keep) sent = { key: key(target), form: target };
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-add-row], [data-remove-row], [data-take]")) forms().forEach(keep);
    const forget = target.closest("[data-forget]");
    if (forget) startAfresh(forget);
  });
}

/** Whether something is typed below `root` that nobody has saved. */
export const isUnsaved = (root) => forms(root).some((form) => sessionStorage.getItem(key(form)) !== null);

export function adopt() {
  for (const form of forms()) {
    if (form.hasAttribute("data-adopted")) continue;
    begin(form);
    const kept = read(form);
    if (kept === null) continue;
    put(form, kept);
    open(form, kept.fields);
    if (form.hasAttribute("data-keep-says")) say(form);
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const forms = (root = document) => [...root.querySelectorAll("form[data-keep]")];

function begin(form) {
  form.toggleAttribute("data-adopted", true);
  begun.set(form, { ...typed(form), nodes: new Map(lists(form).map((list) => [list, [...list.children]])) });
}

/** The form is still there if it was refused: what was typed stands in it, over the version that it shows now. */
function answered() {
  const refused = forms().find((form) => key(form) === sent.key);
  if (refused) {
    begin(refused);
    store(refused, { ...read(refused), hidden: typed(refused).hidden });
  } else {
    sessionStorage.removeItem(sent.key);
  }
  sent = undefined;
}

function keep(form) {
  const was = begun.get(form);
  if (!was) return;
  const before = read(form);
  const now = typed(form);
  const changed = (part) =>
    Object.entries(now[part]).filter(([name, value]) => before?.[part]?.[name] || !isSame(value, was[part][name]));
  const kept = { fields: Object.fromEntries(changed("fields")), rows: Object.fromEntries(changed("rows")) };
  store(form, { ...kept, hidden: before?.hidden ?? was.hidden });
}

function store(form, kept) {
  const isEmpty = !Object.keys({ ...kept.fields, ...kept.rows }).length;
  if (isEmpty) sessionStorage.removeItem(key(form));
  else sessionStorage.setItem(key(form), JSON.stringify(kept));
}

/** Returns what stands in a form: its fields, its repeated rows, and what it says without showing it. */
function typed(form) {
  const all = [...form.elements].filter(({ name }) => name);
  const alone = all.filter((field) => !field.closest("[data-row-of]"));
  return {
    fields: byName(alone.filter(({ type }) => !UNKEPT.includes(type))),
    hidden: byName(alone.filter(({ type, name }) => type === "hidden" && name !== "csrf_token")),
    rows: Object.fromEntries(lists(form).map((list) => [list.id, [...list.children].map((row) => byName(inputs(row)))])),
  };
}

function byName(fields) {
  const values = {};
  for (const field of fields) {
    const those = (values[field.name] ??= []);
    if (!TICKED.includes(field.type) || field.checked) those.push(field.value);
  }
  return values;
}

const inputs = (row) => [...row.querySelectorAll("input, select, textarea")].filter(({ name }) => name);
const lists = (form) => [...form.querySelectorAll("[data-add-row]")].map((add) => form.querySelector(add.dataset.addRow));

function put(form, { fields, rows, hidden }, nodes) {
  const alone = [...form.elements].filter((field) => field.name && !field.closest("[data-row-of]"));
  write(alone.filter(({ type }) => !UNKEPT.includes(type)), fields);
  write(alone.filter(({ type }) => type === "hidden"), hidden);
  for (const list of lists(form).filter(({ id }) => rows[id])) {
    list.replaceChildren(...(nodes?.get(list) ?? rows[list.id].map(() => emptyRow(list))));
    [...list.children].forEach((row, place) => write(inputs(row), rows[list.id][place] ?? {}));
  }
}

const emptyRow = ({ id }) => document.querySelector(`#${id}-row`).content.firstElementChild.cloneNode(true);

function write(fields, values) {
  const places = {};
  for (const field of fields.filter(({ name }) => values[name])) {
    const those = values[field.name];
    if (TICKED.includes(field.type)) field.checked = those.includes(field.value);
    else field.value = those[(places[field.name] = (places[field.name] ?? -1) + 1)] ?? field.value;
  }
}

function open(form, fields) {
  for (const part of form.querySelectorAll("details")) {
    if (inputs(part).some(({ name }) => fields[name])) part.open = true;
  }
}

function say(form) {
  const line = document.createElement("p");
  line.className = "notice";
  line.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small notice__act";
  button.dataset.forget = form.dataset.keep;
  button.textContent = text("kept-afresh");
  line.append(text("kept"), button);
  form.prepend(line);
}

function startAfresh(element) {
  const form = element.closest("form[data-keep]");
  const was = begun.get(form);
  sessionStorage.removeItem(key(form));
  if (element.localName === "a") return;
  put(form, was, was.nodes);
  element.closest(".notice").remove();
  (form.querySelector("[autofocus]") ?? form.querySelector("input:not([type=hidden])"))?.focus();
}
