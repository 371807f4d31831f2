/** Words and sentences in the reader's language, from the page; `{name}` fields are filled in. "" if there is none. */

export function text(name, values = {}) {
  const words = document.querySelector("#texts")?.content.querySelector(`[data-text="${CSS.escape(name)}"]`)?.textContent ?? "";
  return words.replace(/\{(\w+)\}/g, (_, field) => values[field] ?? "");
}
