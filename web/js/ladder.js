/**
 * The rows of a call's ladder by the arrow keys; Enter unfolds the one that has the focus, as
 * <summary> does by itself.
 */
const STEP = { ArrowDown: 1, ArrowUp: -1 };

export function start() {
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-rung] > summary");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...document.querySelectorAll("[data-rung] > summary")];
    const wanted = target(event.key, rows, rows.indexOf(row));
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
    wanted.scrollIntoView({ block: "nearest" });
  });
}

function target(key, rows, here) {
  if (key === "Home") return rows[0];
  if (key === "End") return rows.at(-1);
  return STEP[key] ? rows[here + STEP[key]] : undefined;
}
