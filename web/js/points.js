/** The rows of a form that may be repeated: a contact's numbers, a person's phones. */

export function start() {
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    if (add) addRow(add);
    const remove = event.target.closest("[data-remove-row]");
    if (remove) remove.closest("[data-row-of]").remove();
  });
}

function addRow(button) {
  const rows = document.querySelector(button.dataset.addRow);
  const row = document.querySelector(`${button.dataset.addRow}-row`).content.firstElementChild.cloneNode(true);
  rows.append(row);
  row.querySelector("input:not([type=hidden]), select").focus();
}
