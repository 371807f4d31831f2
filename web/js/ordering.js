/**
 * Putting the rows of a list in order by dragging. The form that holds them is sent with the new
 * order; the buttons beside each row send the same form, so the order never depends on a mouse.
 */
let Sortable = null;

export function start() {
  document.addEventListener("htmx:after:swap", equip);
  equip();
}

async function equip() {
  const forms = document.querySelectorAll("form[data-order]");
  if (!forms.length) return;
  Sortable ??= (await import("sortablejs")).default;
  for (const form of forms) {
    const rows = form.querySelector("ol");
    if (Sortable.get(rows)) continue;
    form.classList.add("is-sortable");
    new Sortable(rows, {
      handle: ".option__grip", animation: 120,
      onEnd: ({ oldIndex, newIndex }) => oldIndex !== newIndex && form.requestSubmit(),
    });
  }
}
