/** Menus are <details data-menu>: one open at a time, closed by Escape, a choice or a click elsewhere. */

const open = () => document.querySelectorAll("details[data-menu][open]");

export function start() {
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      const inside = menu.contains(event.target);
      if (!inside || event.target.closest(".menu__item:not([data-stays])")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    for (const menu of open()) {
      if (event.key === "Escape") {
        menu.open = false;
        menu.querySelector("summary").focus();
      } else if (["ArrowDown", "ArrowUp"].includes(event.key) && menu.contains(document.activeElement)) {
        event.preventDefault();
        step(menu, event.key === "ArrowDown" ? 1 : -1);
      }
    }
  });
}

function step(menu, by) {
  const items = [...menu.querySelectorAll(".menu__item:not([hidden])")];
  const place = items.indexOf(document.activeElement);
  // From outside the items, the arrow up leads to the last one.
  items.at(place < 0 && by < 0 ? -1 : (place + by) % items.length)?.focus();
}
