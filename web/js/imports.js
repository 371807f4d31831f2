/** Sends a file as it is, with its progress, and goes to the page of what was found in it. */
import htmx from "htmx.org";

import { text } from "./texts.js";

export function start() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    send(form);
  }, { capture: true });
}

function send(form) {
  const file = form.elements.file.files[0];
  const query = new URLSearchParams({ entity: form.elements.entity.value, name: file.name });
  const request = new XMLHttpRequest();
  const bar = form.querySelector("[data-upload-progress]");
  const button = form.querySelector("button");
  request.open("POST", `${form.dataset.upload}?${query}`);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-CSRF-Token", document.querySelector('meta[name="csrf-token"]').content);
  request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = total ? loaded / total : 0));
  // The file is read once it is here, and how long that takes nobody knows.
  request.upload.addEventListener("load", () => bar.removeAttribute("value"));
  request.addEventListener("loadend", () => {
    button.disabled = false;
    bar.hidden = true;
    bar.value = 0;
    if (request.status === 201) open(form.dataset.next + request.response.id);
    else refuse(form, request.response?.error?.message ?? text("failed"));
  });
  refuse(form, "");
  button.disabled = true;
  bar.hidden = false;
  request.send(file);
}

/** Goes there as a link does, so that a call in progress is not touched. */
function open(address) {
  htmx.ajax("GET", address, { target: "#main", swap: "innerHTML scroll:top", push: address });
}

function refuse(form, sentence) {
  const box = form.querySelector("[data-upload-error]");
  box.hidden = !sentence;
  box.textContent = sentence;
}
