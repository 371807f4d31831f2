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

/** Shows `sentence` beside the thing that was pressed, until something else is pressed. */
export function refuse(beside, sentence) {
  const place = beside.closest(".dial, .call, .pop__end, .bar__field, .state-group, form") ?? beside.parentElement;
  place.querySelector(":scope > .refusal")?.remove();
  const box = document.createElement("p");
  box.className = "refusal";
  box.setAttribute("role", "alert");
  box.textContent = sentence;
  place.classList.add("has-refusal");
  place.append(box);
  const gone = () => {
    box.remove();
    place.classList.remove("has-refusal");
    removeEventListener("pointerdown", gone, true);
    removeEventListener("keydown", gone, true);
  };
  addEventListener("pointerdown", gone, true);
  addEventListener("keydown", gone, true);
}
