/**
 * Notes that save themselves: <div data-note="interaction id" data-version>.
 *
 * A pause in typing saves, with the version the text was based on; if somebody else saved first,
 * both texts are shown and nothing is thrown away. What is not saved yet is kept in sessionStorage,
 * so it survives a reload, a lost line and an ended session.
 */
import { call } from "./api.js";
import * as socket from "./socket.js";
import { text } from "./texts.js";

const PAUSE_MS = 700;

/** id -> { version, saved, timer, saving, conflict } */
const notes = new Map();
const key = (id) => `note:${id}`;
const field = (note) => note.querySelector("textarea");
const copies = (id) => document.querySelectorAll(`[data-note="${CSS.escape(id)}"]`);

export function start() {
  adopt(document);
  document.addEventListener("htmx:after:swap", () => adopt(document));
  document.addEventListener("input", (event) => {
    const note = event.target.closest("[data-note]");
    if (note) typed(note);
  });
  document.addEventListener("focusout", (event) => {
    const note = event.target.closest("[data-note]");
    if (note) save(note.dataset.note);
  });
  document.addEventListener("click", (event) => {
    const answer = event.target.closest("[data-note-answer]");
    if (answer) settle(answer);
  });
  socket.on("line", ({ state }) => state === "live" && saveAll());
  addEventListener("pagehide", () => saveAll({ keepalive: true }));
}

/** Takes up the notes below `root`; brings back what a reload had interrupted. */
export function adopt(root) {
  for (const element of root.querySelectorAll("[data-note]:not([data-adopted])")) {
    const id = element.dataset.note;
    element.dataset.adopted = "";
    const known = notes.get(id);
    const entry = known ?? { version: Number(element.dataset.version), saved: field(element).value };
    notes.set(id, entry);
    const kept = sessionStorage.getItem(key(id));
    if (kept !== null && kept === field(element).value) {
      saved(id, kept);
    } else if (kept !== null) {
      field(element).value = kept;
      typed(element);
    } else if (known && Number(element.dataset.version) > known.version && !isDirty(id)) {
      entry.version = Number(element.dataset.version);
      entry.saved = field(element).value;
    }
  }
}

/** Whether two renderings are of the same note, so that the shown one may stay. */
export function isSame(shown, fresh) {
  const [one, other] = [shown?.querySelector("[data-note]"), fresh.querySelector("[data-note]")];
  return Boolean(one && other && one.dataset.note === other.dataset.note);
}

/** Takes a newer text from the server, unless this person has typed meanwhile. */
export function refresh(shown, fresh) {
  const [mine, theirs] = [shown.querySelector("[data-note]"), fresh.querySelector("[data-note]")];
  const entry = notes.get(mine.dataset.note);
  const version = Number(theirs.dataset.version);
  if (!entry || version <= entry.version || isDirty(mine.dataset.note) || mine.contains(document.activeElement)) return;
  entry.version = version;
  entry.saved = field(theirs).value;
  field(mine).value = entry.saved;
}

export const isUnsaved = (root) =>
  [...root.querySelectorAll("[data-note]")].some((element) => isDirty(element.dataset.note));

export function flush(root) {
  for (const element of root.querySelectorAll("[data-note]")) save(element.dataset.note, { keepalive: true });
}

const isDirty = (id) => sessionStorage.getItem(key(id)) !== null;

function typed(element) {
  const id = element.dataset.note;
  const entry = notes.get(id);
  sessionStorage.setItem(key(id), field(element).value);
  for (const copy of copies(id)) if (copy !== element) field(copy).value = field(element).value;
  if (entry.conflict) return;
  say(id, "unsaved");
  clearTimeout(entry.timer);
  entry.timer = setTimeout(() => save(id), PAUSE_MS);
}

function saveAll(options) {
  for (const id of notes.keys()) save(id, options);
}

async function save(id, options) {
  const entry = notes.get(id);
  const body = sessionStorage.getItem(key(id));
  clearTimeout(entry.timer);
  if (body === null || entry.saving || entry.conflict) return;
  if (body === entry.saved) return saved(id, body);
  entry.saving = true;
  say(id, "saving");
  try {
    const answer = await call("PATCH", `/api/v1/interactions/${id}`, { body }, {
      headers: { "If-Match": `"${entry.version}"` },
      ...options,
    });
    entry.version = versionOf(answer.etag) ?? entry.version + 1;
    entry.saved = body;
    saved(id, body);
  } catch (problem) {
    if ([409, 412].includes(problem.status)) await compare(id, body);
    else say(id, "failed");
  } finally {
    entry.saving = false;
  }
  // Typed on while it was being saved.
  if (isDirty(id) && entry.saved === body && !entry.conflict) entry.timer = setTimeout(() => save(id), PAUSE_MS);
}

const versionOf = (etag) => {
  const number = Number(etag?.replace(/[^0-9]/g, ""));
  return etag && Number.isFinite(number) ? number : null;
};

function saved(id, body) {
  if (sessionStorage.getItem(key(id)) === body) sessionStorage.removeItem(key(id));
  for (const copy of copies(id)) copy.dataset.version = notes.get(id).version;
  say(id, isDirty(id) ? "unsaved" : "saved");
}

function say(id, state) {
  for (const copy of copies(id)) {
    const line = copy.querySelector(".note__state");
    line.dataset.state = state;
    line.textContent = text(`note-${state}`);
  }
}

// ---------------------------------------------------------------- somebody else saved first

/** Shows both texts; a save of the same text that only its answer was lost of is no conflict. */
async function compare(id, mine) {
  const entry = notes.get(id);
  const { body: stored, etag } = await call("GET", `/api/v1/interactions/${id}`);
  const [theirs, version] = [stored.body ?? "", versionOf(etag) ?? stored.version];
  if (theirs.trim() === mine.trim()) {
    Object.assign(entry, { version, saved: mine });
    return saved(id, mine);
  }
  entry.conflict = { body: theirs, version };
  say(id, "conflict");
  for (const copy of copies(id)) copy.append(comparison(entry.conflict.body));
}

function comparison(theirs) {
  const box = document.createElement("div");
  box.className = "note__theirs";
  const quote = document.createElement("blockquote");
  quote.textContent = theirs;
  const answers = document.createElement("div");
  answers.className = "actions";
  for (const answer of ["keep-both", "keep-mine"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.dataset.noteAnswer = answer;
    button.textContent = text(`note-${answer}`);
    answers.append(button);
  }
  box.append(text("note-theirs"), quote, answers);
  return box;
}

function settle(button) {
  const note = button.closest("[data-note]");
  const id = note.dataset.note;
  const entry = notes.get(id);
  if (button.dataset.noteAnswer === "keep-both") field(note).value = `${entry.conflict.body}\n\n${field(note).value}`;
  entry.version = entry.conflict.version;
  entry.saved = entry.conflict.body;
  delete entry.conflict;
  // First the text, then the boxes: removing the pressed button moves the focus, and that saves.
  typed(note);
  for (const copy of copies(id)) copy.querySelector(".note__theirs")?.remove();
  save(id);
  field(note).focus();
}
