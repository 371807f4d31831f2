/**
 * Fills a `<template>` of the page in with values; it has the words, in the reader's language.
 *
 * `{name}` in a text or an attribute becomes the value; an attribute that is nothing but a `{name}` without a value
 * is left out. An element with data-if="name" stays only if there is such a value ("!name": none; "name=value",
 * "name!=value": this one), and one with data-each="name" is there once for each thing of a list, which has values of
 * its own besides those around it. Values never become markup.
 */
const FIELD = /\{([\w-]+)\}/g;
const ONLY_FIELD = /^\{([\w-]+)\}$/;
const CONDITION = /^(!?)([\w-]+)(?:(!?=)(.*))?$/;

/** Returns a copy of the first element of template `id`, filled in. */
export function fill(id, values) {
  const copy = document.querySelector(`#${id}`).content.firstElementChild.cloneNode(true);
  fillElement(copy, values);
  return copy;
}

function fillElement(element, values) {
  for (const { name, value } of [...element.attributes]) {
    const only = ONLY_FIELD.exec(value);
    if (only && !isThere(values[only[1]])) element.removeAttribute(name);
    else if (value.includes("{")) element.setAttribute(name, filled(value, values));
  }
  for (const child of [...element.childNodes]) {
    if (child.nodeType === Node.TEXT_NODE) fillText(child, values);
    else if (child.nodeType === Node.ELEMENT_NODE) fillChild(child, values);
  }
}

function fillText(text, values) {
  if (text.nodeValue.includes("{")) text.nodeValue = filled(text.nodeValue, values);
}

function fillChild(element, values) {
  const { if: condition, each } = element.dataset;
  delete element.dataset.if;
  delete element.dataset.each;
  if (condition !== undefined && !holds(condition, values)) {
    element.remove();
  } else if (each === undefined) {
    fillElement(element, values);
  } else {
    for (const item of values[each] ?? []) {
      const copy = element.cloneNode(true);
      fillElement(copy, { ...values, ...item });
      element.before(copy);
    }
    element.remove();
  }
}

function holds(condition, values) {
  const [, not, name, compares, wanted] = CONDITION.exec(condition);
  if (compares) return (String(values[name]) === wanted) === (compares === "=");
  return isThere(values[name]) === !not;
}

const isThere = (value) => Boolean(value) && value.length !== 0;

const filled = (text, values) => text.replace(FIELD, (_, name) => values[name] ?? "");
