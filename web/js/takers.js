/** Who takes part in an interaction: a name that was found becomes a row of the form. */

export function start() {
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-take]");
    if (choice) take(choice.dataset);
  });
}

/** The server shows a stored person by name only; until the form is saved, the row says it in a field. */
function take({ take: kind, id, name }) {
  const rows = document.querySelector("#takers");
  const row = document.querySelector("#takers-row").content.firstElementChild.cloneNode(true);
  row.querySelector(`[name="person_${kind}"]`).value = id;
  const text = row.querySelector('[name="person_text"]');
  text.value = name;
  text.readOnly = true;
  row.querySelector('[name="person_point"]').type = "hidden";
  rows.append(row);
  document.querySelector("#taker-choices").replaceChildren();
  const search = document.querySelector('.takers__more [type="search"]');
  search.value = "";
  search.focus();
}
