/** Sentences in the reader's language, from the page; `{name}` fields are filled in. */

export function text(name, values = {}) {
  const words = document.querySelector("#texts")?.content.querySelector(`[data-text="${name}"]`)?.textContent ?? "";
  return words.replace(/\{(\w+)\}/g, (_, field) => values[field] ?? "");
}
