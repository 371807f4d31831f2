/**
 * Moving the cards of a board: by dragging, or with Alt and the arrows on the card that has the
 * focus. Both send the form of the card's "Move to…" menu, so every way asks the same question and
 * gets the same answer; a move that is refused comes back as a page with the card in its old place.
 */
let Sortable = null;

export function start() {
  document.addEventListener("htmx:after:swap", equip);
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.altKey && step) {
      event.preventDefault();
      moveBy(card, step);
    }
  });
  equip();
}

/** M opens the menu of the card that has the focus. */
export function openMenu() {
  document.activeElement?.closest("[data-card]")?.querySelector("[data-move-menu]")?.click();
}

async function equip() {
  const board = document.querySelector("[data-kanban][data-may-move]");
  const choices = document.querySelectorAll("[data-sortable]");
  if (!board && !choices.length) return;
  Sortable ??= (await import("sortablejs")).default;
  for (const list of choices) if (!Sortable.get(list)) new Sortable(list, { animation: 120 });
  board?.toggleAttribute("data-can-drag", true);
  for (const column of board?.querySelectorAll("[data-column]") ?? []) {
    if (Sortable.get(column)) continue;
    new Sortable(column, {
      group: "cards", draggable: "[data-card]", animation: 120, delayOnTouchOnly: true, delay: 150,
      filter: "a.link, summary, button", preventOnFilter: false,
      onEnd: ({ item, from, to }) => from !== to && send(item, to.dataset.column),
    });
  }
}

function moveBy(card, step) {
  const columns = [...card.closest("[data-kanban]").querySelectorAll("[data-column]")];
  const target = columns[columns.indexOf(card.closest("[data-column]")) + step];
  if (target) send(card, target.dataset.column);
}

/** Press the button of the card's menu that says this column; it is not there for where the card was. */
function send(card, column) {
  const button = card.querySelector(`.kanban__move button[name=to][value="${CSS.escape(column)}"]`);
  if (!button) return;
  sessionStorage.setItem("card", card.dataset.card);
  // Whatever else is swapped meanwhile, this board is not the one that comes back.
  card.closest("[data-kanban]").toggleAttribute("data-leaving", true);
  button.form.requestSubmit(button);
}

/** After the move the card has the focus again, so that it can go on. */
document.addEventListener("htmx:after:swap", () => {
  const card = sessionStorage.getItem("card");
  if (!card || !document.querySelector("[data-kanban]:not([data-leaving])")) return;
  sessionStorage.removeItem("card");
  document.querySelector(`[data-card="${CSS.escape(card)}"] [data-row]`)?.focus();
});
