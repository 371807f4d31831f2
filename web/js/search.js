/**
 * The search box: what fits opens under it while one types. Arrows walk, Enter opens, Escape closes.
 *
 * htmx fetches; the first thing found is chosen, so that Enter is enough. Enter before anything was
 * found sends the form, which leads to the same as a page.
 */

const field = () => document.querySelector("#search");
const panel = () => document.querySelector("#search-found");
const options = () => [...panel().querySelectorAll("[role=option]")];

export function start() {
  if (!field()) return;
  field().addEventListener("keydown", pressed);
  new MutationObserver(() => choose(field().value.trim() ? 0 : -1)).observe(panel(), { childList: true });
  document.addEventListener("click", ({ target }) => {
    const hit = target.closest("#search-found [role=option], #search-found a");
    if (hit) leave();
    else if (!target.closest(".bar__search")) close();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (!target.closest(".bar__search")) close();
  });
}

function pressed(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    walk(step);
  } else if (event.key === "Enter") {
    const chosen = current();
    if (!chosen) return close();
    event.preventDefault();
    chosen.click();
  } else if (event.key === "Escape") {
    close();
  }
}

function walk(by) {
  const all = options();
  if (!all.length) return;
  const here = all.indexOf(current());
  choose((here + by + all.length) % all.length);
}

const current = () => panel().querySelector("[aria-selected=true]");

function choose(place) {
  const all = options();
  all.forEach((option, number) => {
    // Not in the page as sent: htmx would take an option for the one that had the id before.
    option.id = `found-${number}`;
    option.setAttribute("aria-selected", String(number === place));
  });
  const chosen = all[place];
  field().setAttribute("aria-expanded", String(panel().childElementCount > 0));
  if (!chosen) return field().removeAttribute("aria-activedescendant");
  field().setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

/** What was looked for has been found: the box is ready for the next. */
function leave() {
  field().value = "";
  field().blur();
  close();
}

function close() {
  panel().replaceChildren();
}
