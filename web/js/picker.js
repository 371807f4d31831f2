/**
 * A field that refers to another record: what is typed is looked up, and one is chosen.
 *
 * A combobox as the ARIA practices describe it; the options come from the server as they are.
 */
const WAIT_MS = 180;

let timer = 0;
let asked = 0;

export function start() {
  document.addEventListener("input", (event) => {
    const pick = event.target.closest?.("[data-pick]");
    if (!pick) return;
    pick.querySelector("input[type=hidden]").value = "";
    clearTimeout(timer);
    timer = setTimeout(() => look(pick, event.target), WAIT_MS);
  });
  document.addEventListener("keydown", (event) => {
    const pick = event.target.closest?.("[data-pick]");
    if (pick) obey(pick, event);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.("[data-pick] [role=option]");
    if (!option) return;
    event.preventDefault();
    choose(option.closest("[data-pick]"), option);
  });
  document.addEventListener("focusout", (event) => {
    const pick = event.target.closest?.("[data-pick]");
    if (pick) close(pick);
  });
}

async function look(pick, field) {
  const turn = ++asked;
  const address = `${pick.dataset.pick}?q=${encodeURIComponent(field.value)}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  // An answer that a later one has overtaken is of no use.
  if (!answer?.ok || turn !== asked || document.activeElement !== field) return;
  const list = listOf(pick, field);
  list.innerHTML = await answer.text();
  list.querySelectorAll("[role=option]").forEach((option, place) => (option.id = `${list.id}-${place}`));
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
}

function listOf(pick, field) {
  const known = pick.querySelector("[role=listbox]");
  if (known) return known;
  const list = document.createElement("ul");
  list.id = `${field.id}-options`;
  list.className = "pick__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "");
  pick.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  return list;
}

function obey(pick, event) {
  const list = pick.querySelector("[role=listbox]");
  if (!list || list.hidden) return;
  const options = [...list.querySelectorAll("[role=option]")];
  const here = options.findIndex((option) => option.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    point(event.target, options, (here + step + options.length) % options.length);
  } else if (event.key === "Enter" && here >= 0) {
    event.preventDefault();
    choose(pick, options[here]);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close(pick);
  }
}

function point(field, options, place) {
  options.forEach((option, at) => (option.ariaSelected = String(at === place)));
  field.setAttribute("aria-activedescendant", options[place].id);
  options[place].scrollIntoView({ block: "nearest" });
}

function choose(pick, option) {
  pick.querySelector("input[type=hidden]").value = option.dataset.id;
  pick.querySelector("input:not([type=hidden])").value = option.textContent;
  close(pick);
}

function close(pick) {
  const list = pick.querySelector("[role=listbox]");
  if (!list) return;
  list.hidden = true;
  const field = pick.querySelector("[role=combobox]");
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}
