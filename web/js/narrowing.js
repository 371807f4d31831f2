/**
 * A long menu is narrowed by typing: the field stands above its items, which are left if a word of
 * theirs begins so. Arrows walk through what is left, Enter chooses the first.
 *
 * On a touch screen the field waits until it is touched: the keyboard would cover the menu.
 */
const MARKS = /\p{M}/gu;
const plain = (text) => text.toLowerCase().normalize("NFD").replace(MARKS, "").replaceAll("ı", "i").replaceAll("ə", "e");

export function start() {
  document.addEventListener("toggle", begin, true);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-narrow]")) narrow(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches?.("[data-narrow]")) return;
    event.preventDefault();
    items(event.target).find((item) => !item.hidden)?.click();
  });
}

function begin({ target: menu }) {
  const field = menu.matches("[data-menu][open]") && menu.querySelector("[data-narrow]");
  if (!field) return;
  field.value = "";
  narrow(field);
  if (matchMedia("(hover: hover)").matches) field.focus();
}

const items = (field) => [...field.closest(".menu__list").querySelectorAll(".menu__item")];

function narrow(field) {
  const wanted = plain(field.value).trim().split(/\s+/);
  const all = items(field);
  for (const item of all) {
    const words = plain(item.textContent).split(/[^\p{L}\p{N}]+/u);
    item.hidden = !wanted.every((start) => words.some((word) => word.startsWith(start)));
  }
  field.closest(".menu__list").querySelector("[data-narrow-none]").hidden = all.some((item) => !item.hidden);
}
