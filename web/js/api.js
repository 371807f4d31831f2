/** Calls our REST interface; a refusal comes back as an Error with `code` and a sentence to show. */
import { text } from "./texts.js";

const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

export class Refused extends Error {
  constructor(status, error = {}) {
    super(error.message || text("failed"));
    this.status = status;
    this.code = error.code ?? "failed";
    this.details = error;
  }
}

/** Returns { body, etag }. `keepalive` lets the request outlive the page. */
export async function call(method, path, body, { headers = {}, keepalive = false } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      keepalive,
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        "X-CSRF-Token": csrf(),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, { code: "no-connection", message: text("dial-failed") });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer.error);
  return { body: answer, etag: response.headers.get("ETag") };
}

const REFUSAL_WIDTH = 320;

/** Shows `sentence` below the thing that was pressed, until something else is pressed. */
export function refuse(beside, sentence) {
  const box = document.createElement("p");
  box.className = "refusal";
  box.popover = "manual";
  box.setAttribute("role", "alert");
  const { left, bottom } = beside.getBoundingClientRect();
  box.style.setProperty("--beside", `${Math.max(8, Math.min(left, innerWidth - REFUSAL_WIDTH - 8))}px`);
  box.style.setProperty("--below", `${bottom + 4}px`);
  beside.parentElement.append(box);
  box.showPopover();
  // Said once it is there: an alert that comes with its text is not read out everywhere.
  box.textContent = sentence;
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => box.remove(), { capture: true, once: true });
}
