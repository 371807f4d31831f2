/** What the frame does while <main> changes: where we are, progress, and a failure that has no page. */
import { frame } from "./places.js";
import { text } from "./texts.js";

export function start() {
  markPlace();
  document.addEventListener("htmx:before:request", () => document.documentElement.setAttribute("data-loading", ""));
  document.addEventListener("htmx:finally:request", () => document.documentElement.removeAttribute("data-loading"));
  document.addEventListener("htmx:after:swap", () => {
    markPlace();
    rescueFocus();
    say();
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.error?.name !== "AbortError") showFailure();
  });
}

function markPlace() {
  for (const link of document.querySelectorAll(".rail a")) {
    const here = location.pathname === link.pathname || location.pathname.startsWith(`${link.pathname}/`);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** If what had the focus went with the old page, what scrolls of the new one gets it, for screen readers and keys. */
function rescueFocus() {
  const { activeElement } = document;
  if (!activeElement || activeElement === document.body) {
    frame().focus({ preventScroll: true });
  }
}

/** What a new page tells of what was done is read out: screen readers pass over what comes with a page. */
function say() {
  const told = document.querySelector("#main [data-said]");
  document.querySelector("#said").textContent = told ? told.textContent : "";
}

function showFailure() {
  const main = document.querySelector("#main");
  main.querySelector(":scope > .notice")?.remove();
  const notice = document.createElement("p");
  notice.className = "notice notice--bad";
  notice.setAttribute("role", "alert");
  notice.textContent = text("dial-failed");
  main.prepend(notice);
}
