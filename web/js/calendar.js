/**
 * A calendar: things stand at their time, and are moved by dragging or with Alt and the arrows. Both send the one
 * form of the page; what is refused comes back as the page with a sentence, and everything in its old place.
 */
const STEP = 15;
const DAY = 1440;

/** While a move is on its way, the page is not the one that comes back, whatever else is swapped meanwhile. */
const calendar = () => document.querySelector("[data-calendar]:not([data-leaving])");

export function start() {
  document.addEventListener("htmx:after:swap", equip);
  document.addEventListener("keydown", obey, { capture: true });
  document.addEventListener("pointerdown", grab);
  document.addEventListener("click", swallow, { capture: true });
  equip();
}

/** A page's own styles cannot say where things stand: the policy lets only scripts of ours do that. */
function equip() {
  const page = calendar();
  if (!page) return;
  for (const thing of page.querySelectorAll(".diary__column > [data-from]")) {
    for (const name of ["from", "till", "lane", "lanes"]) thing.style.setProperty(`--${name}`, thing.dataset[name] ?? 0);
    thing.toggleAttribute("data-placed", true);
  }
  const hours = page.querySelector("[data-columns]");
  hours?.style.setProperty("--columns", hours.dataset.columns);
  scroll(page, hours);
  const moved = sessionStorage.getItem("entry");
  sessionStorage.removeItem("entry");
  if (moved) page.querySelector(`[data-entry="${CSS.escape(moved)}"]`)?.focus();
}

/** The day begins where work does, unless somebody has scrolled. */
function scroll(page, hours) {
  const frame = page.querySelector("[data-scroll]");
  if (!frame || frame.dataset.scrolled) return;
  frame.dataset.scrolled = "1";
  const off = hours.querySelector(".diary__off");
  const begins = off && off.dataset.from === "0" && Number(off.dataset.till) < DAY ? Number(off.dataset.till) : 480;
  frame.scrollTop = Number(sessionStorage.getItem("diary-scroll") ?? 0) || ((begins - 30) / 60) * hourOf(hours);
  sessionStorage.removeItem("diary-scroll");
}

const hourOf = (inside) => parseFloat(getComputedStyle(inside.closest(".diary")).getPropertyValue("--hour"));

// ------------------------------------------------------------ by keyboard

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function obey(event) {
  const page = calendar();
  const at = event.target.closest?.("[data-calendar] :is([data-slot], .entry, .calendar__event)");
  if (!page || !at || event.ctrlKey || event.metaKey) return;
  const way = ARROWS[event.key];
  if (way && event.altKey && at.dataset.entry) {
    take(event);
    shift(at, way, event.shiftKey, page.dataset.span);
  } else if (way && !event.altKey) {
    take(event);
    step(page, at, way);
  } else if (event.key.toLowerCase() === "n" && !event.altKey) {
    take(event);
    slotOf(at)?.click();
  }
}

function take(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The place at which something new would be: its own, or the hour in which an entry begins. */
function slotOf(at) {
  if (at.matches("[data-slot]")) return at;
  const slots = [...at.closest("[data-cell]").querySelectorAll("[data-slot]")];
  const hour = Math.floor(Number(at.dataset.from ?? 0) / 60);
  return slots[Math.min(hour, slots.length - 1)];
}

/** One hour up or down, one day to the side; in a month from day to day. */
function step(page, at, [days, hours]) {
  const cells = [...page.querySelectorAll("[data-cell]")];
  const here = cells.indexOf(at.closest("[data-cell]"));
  const slots = [...(cells[here]?.querySelectorAll("[data-slot]") ?? [])];
  const isHourly = slots.length > 1;
  const place = slots.indexOf(slotOf(at));
  const cell = cells[here + days + (isHourly ? 0 : hours * 7)];
  const target = cell && [...cell.querySelectorAll("[data-slot]")][isHourly ? place + hours : 0];
  if (!target) return edge(page, days);
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

function edge(page, days) {
  if (days) page.querySelector(days < 0 ? "[data-earlier]" : "[data-later]").click();
}

/** Alt and an arrow: a day, or a quarter of an hour; with Shift it becomes longer or shorter. */
function shift(entry, [days, quarters], isLength, span) {
  const isHourly = "from" in entry.dataset;
  if (isLength && isHourly && quarters) return send(entry, 0, 0, length(entry) + quarters * STEP);
  if (isHourly) return send(entry, days, quarters * STEP);
  send(entry, days + (span === "month" ? quarters * 7 : 0), 0);
}

// ------------------------------------------------------------ by dragging

let wasDragged = false;

/** A drag ends with a click on the link, which is not meant. */
function swallow(event) {
  if (!wasDragged) return;
  wasDragged = false;
  event.preventDefault();
  event.stopPropagation();
}

function grab(event) {
  const entry = event.target.closest?.("[data-calendar] [data-entry]");
  if (!entry || event.button !== 0) return;
  if (event.pointerType === "touch" && matchMedia("(width <= 700px)").matches) return;
  event.preventDefault();
  entry.focus();
  const drag = { entry, x: event.clientX, y: event.clientY, grip: event.target.closest("[data-grip]"), moved: false };
  const follow = (now) => carry(drag, now);
  const stop = (now) => {
    document.removeEventListener("pointermove", follow);
    drop(drag, now);
  };
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", stop, { once: true });
}

function carry(drag, now) {
  const [x, y] = [now.clientX - drag.x, now.clientY - drag.y];
  if (!drag.moved && Math.hypot(x, y) < 5) return;
  drag.moved = true;
  drag.entry.toggleAttribute("data-dragged", true);
  if (drag.grip) drag.entry.style.setProperty("--till", Number(drag.entry.dataset.till) + minutes(drag.entry, y));
  else drag.entry.style.setProperty("translate", `${x}px ${y}px`);
}

function drop(drag, now) {
  const { entry } = drag;
  wasDragged = drag.moved;
  if (!drag.moved) return;
  setTimeout(() => (wasDragged = false));
  const by = "from" in entry.dataset ? minutes(entry, now.clientY - drag.y) : 0;
  entry.style.setProperty("visibility", "hidden");
  const cell = document.elementFromPoint(now.clientX, now.clientY)?.closest("[data-cell]");
  entry.style.removeProperty("visibility");
  entry.removeAttribute("data-dragged");
  entry.style.removeProperty("translate");
  if (drag.grip) return by && send(entry, 0, 0, Math.max(length(entry) + by, STEP));
  const days = cell ? apart(entry.dataset.day, cell.dataset.cell) : 0;
  if (days || by) send(entry, days, by);
}

const length = (entry) => Number(entry.dataset.till) - Number(entry.dataset.from);

const minutes = (entry, pixels) => Math.round(((pixels / hourOf(entry)) * 60) / STEP) * STEP;

const apart = (from, to) => Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86_400_000);

// ------------------------------------------------------------ the one way to move

/** Wall times: what they are in UTC is the server's to say. */
function send(entry, days, minutesLater, newLength) {
  const wall = new Date(`${entry.dataset.day}T${entry.dataset.clock}Z`);
  wall.setUTCDate(wall.getUTCDate() + days);
  wall.setUTCMinutes(wall.getUTCMinutes() + minutesLater);
  const form = document.querySelector("#calendar-move");
  form.elements.id.value = entry.dataset.entry;
  form.elements.version.value = entry.dataset.version;
  form.elements.to.value = wall.toISOString().slice(0, 16);
  form.querySelector("[name=minutes]")?.remove();
  if (newLength) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "minutes", value: newLength });
    form.append(field);
  }
  sessionStorage.setItem("entry", entry.dataset.entry);
  const frame = document.querySelector("[data-scroll]");
  if (frame) sessionStorage.setItem("diary-scroll", frame.scrollTop);
  calendar().toggleAttribute("data-leaving", true);
  form.requestSubmit();
}
