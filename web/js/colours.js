/** A colour can be picked or typed: the picker and the field beside it say the same. */

const COLOUR = /^#[0-9a-f]{6}$/i;

export function start() {
  document.addEventListener("input", ({ target }) => {
    if (target.dataset.colourOf) document.getElementById(target.dataset.colourOf).value = target.value;
    else if (COLOUR.test(target.value)) showInPicker(target.id, target.value);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-fill]");
    if (!button) return;
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.with;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

function showInPicker(id, colour) {
  const picker = document.querySelector(`[data-colour-of="${CSS.escape(id)}"]`);
  if (picker) picker.value = colour.toLowerCase();
}
