/**
 * Forms that keep what is typed until it is saved: <form data-keep="name">.
 *
 * Whoever looks at something else meanwhile, or answers a call, finds his words again when the form is
 * shown the next time, in this tab. What the server shows after a refusal is what was typed: that stays.
 */
const key = (form) => `keep:${form.dataset.keep}`;
const isOwn = ({ name, type }) => name && type !== "hidden";

/** What is on its way to the server; it is forgotten here when an answer has come. */
let sent;

export function start() {
  adopt();
  document.addEventListener("htmx:after:swap", () => {
    if (sent) sessionStorage.removeItem(sent);
    sent = undefined;
    adopt();
  });
  document.addEventListener("htmx:error", () => (sent = undefined));
  document.addEventListener("input", ({ target }) => {
    const form = target.form;
    if (form?.dataset.keep) sessionStorage.setItem(key(form), JSON.stringify(typed(form)));
  });
  document.addEventListener("submit", ({ target }) => target.dataset.keep && (sent = key(target)));
}

/** Whether something is typed below `root` that nobody has saved. */
export const isUnsaved = (root) =>
  [...root.querySelectorAll("[data-keep]")].some((form) => sessionStorage.getItem(key(form)) !== null);

export function adopt() {
  for (const form of document.querySelectorAll("[data-keep]:not([data-adopted])")) {
    form.toggleAttribute("data-adopted", true);
    const kept = sessionStorage.getItem(key(form));
    if (kept !== null) fill(form, JSON.parse(kept));
  }
}

function typed(form) {
  const values = {};
  for (const field of form.elements) {
    if (!isOwn(field)) continue;
    if (!["checkbox", "radio"].includes(field.type)) values[field.name] = field.value;
    else if (field.checked) values[field.name] = field.value;
  }
  return values;
}

function fill(form, values) {
  for (const field of form.elements) {
    if (!isOwn(field)) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = values[field.name] === field.value;
    else field.value = values[field.name] ?? "";
  }
}
