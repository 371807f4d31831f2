/**
 * Back leads to where one was. htmx fetches a page one returns to anew: from its top, with its first rows alone.
 *
 * So of each address this tab keeps the row that was followed and how far the page was scrolled; on return the
 * rows are fetched up to that one, which has the focus again, so that J and K go on from there.
 */
const PAGES_MOST = 8;

const places = new Map();
let returning = null;

export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link) keep(link);
  }, true);
  document.addEventListener("htmx:before:history:restore", () => (returning = places.get(location.href)));
  document.addEventListener("htmx:after:swap", (event) => {
    if (!returning || event.detail.ctx.target?.id !== "main") return;
    restore(returning, location.href);
    returning = null;
  });
}

/** What scrolls: a list has a frame of its own where there is room for one. */
export function frame() {
  const main = document.querySelector("#main");
  const own = main.querySelector("[data-frame]");
  return own && own.scrollHeight > own.clientHeight ? own : main;
}

function keep(link) {
  const row = link.matches("#main [data-row]") ? link.getAttribute("href") : null;
  places.set(location.href, { row, top: frame().scrollTop });
}

async function restore({ row, top }, address) {
  const link = () => document.querySelector(`#main [data-row][href="${CSS.escape(row)}"]`);
  for (let pages = 0; row && !link() && pages < PAGES_MOST; pages++) {
    if (!(await showMore()) || location.href !== address) return;
  }
  frame().scrollTop = top;
  if (!row) return;
  link()?.focus({ preventScroll: true });
  link()?.scrollIntoView({ block: "nearest" });
}

/** Fetch the next rows; return whether there were any. */
async function showMore() {
  const more = document.querySelector("#main .more a");
  more?.click();
  while (more?.isConnected) await new Promise((swapped) => document.addEventListener("htmx:after:swap", swapped, { once: true }));
  return Boolean(more);
}
