/**
 * Marking rows of a list for what is done to many at once.
 *
 * The bar shows itself by CSS as soon as something is marked; here is only what the mouse and the
 * keyboard add: all of a page at once, a stretch with Shift, X for the row that has the focus.
 */
let last = null;

export function start() {
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-rows] [name=ids]");
    if (box) markStretch(box, event.shiftKey);
  });
  document.addEventListener("change", (event) => {
    const rows = event.target.closest?.("[data-rows]");
    if (!rows) return;
    if (event.target.matches("[data-mark-all]")) for (const box of boxes(rows)) box.checked = event.target.checked;
    count(rows);
  });
  document.addEventListener("submit", ask, true);
}

/** X marks the row whose link has the focus. */
export function mark() {
  const box = document.activeElement?.closest("tr")?.querySelector("[name=ids]");
  box?.click();
}

const boxes = (rows) => [...rows.querySelectorAll("[name=ids]")];

function markStretch(box, isStretch) {
  const all = boxes(box.closest("[data-rows]"));
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (isStretch && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  last = box;
}

function count(rows) {
  const marked = boxes(rows).filter((box) => box.checked).length;
  const shown = rows.querySelector("[data-marked]");
  shown.textContent = marked;
  shown.hidden = !marked;
  const all = rows.querySelector("[data-mark-all]");
  all.checked = marked > 0 && marked === boxes(rows).length;
  all.indeterminate = marked > 0 && !all.checked;
}

function ask(event) {
  const question = event.submitter?.dataset.confirm;
  if (!question || window.confirm(question)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
