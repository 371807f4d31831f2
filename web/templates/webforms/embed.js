/* Shows a form of callcenter on any page:
     <script src="https://crm.example/f/embed.js" data-form="KEY" async></script>
   The form stands in a shadow root, so that neither page's styles touch the other's; it uses no inline style,
   so a strict policy needs only this origin in script-src and connect-src. */
(() => {
  const CSS = `
    :host { display: block; font: inherit; color: inherit; }
    form { display: grid; gap: 12px; max-width: 520px; }
    label { display: grid; gap: 4px; }
    input, select, textarea { font: inherit; padding: 8px 10px; border: 1px solid #8a93a1; border-radius: 6px; width: 100%; box-sizing: border-box; }
    input[type=checkbox] { width: auto; justify-self: start; }
    button { font: inherit; padding: 10px 18px; border: 0; border-radius: 6px; background: #3f52d9; color: #fff; cursor: pointer; justify-self: start; }
    [role=alert] { color: #b0281f; margin: 0; }
    .trap { position: absolute; left: -9999px; }
  `;
  const TOLD = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

  for (const script of document.querySelectorAll("script[data-form]:not([data-shown])")) {
    script.dataset.shown = "";
    show(script).catch(() => {});
  }

  async function show(script) {
    const base = new URL(`/f/${script.dataset.form}`, script.src).href;
    const lang = script.dataset.lang || document.documentElement.lang.slice(0, 2);
    const host = document.createElement("div");
    script.after(host);
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    const answer = await fetch(`${base}/form?lang=${encodeURIComponent(lang)}`, { credentials: "omit" });
    if (!answer.ok) return;
    const facts = await answer.json();
    root.append(formOf(facts, (form) => send(form, base, facts)));
  }

  function make(tag, facts, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
    element.append(...children);
    return element;
  }

  function formOf(facts, onSend) {
    const form = make("form", { novalidate: true, lang: facts.language });
    if (facts.title) form.append(make("strong", {}, facts.title));
    for (const field of facts.fields) form.append(labelled(field));
    form.append(make("div", { class: "trap", "aria-hidden": "true" }, make("input", { name: facts.trap, tabindex: "-1", autocomplete: "off" })));
    form.append(make("p", { role: "alert", "data-for": "", hidden: true }), make("button", {}, facts.send));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      onSend(form);
    });
    return form;
  }

  function labelled(field) {
    const facts = { name: field.name, required: field.required, maxlength: field.kind === "choice" ? undefined : field.limit };
    let input;
    if (field.kind === "area") input = make("textarea", { ...facts, rows: 4 });
    else if (field.kind === "choice") input = make("select", facts, make("option", { value: "" }, "–"), ...field.options.map(([value, text]) => make("option", { value }, text)));
    else if (field.kind === "check") input = make("input", { name: field.name, type: "checkbox", value: "1" });
    else input = make("input", { ...facts, type: field.kind });
    const star = field.required ? " *" : "";
    return make("label", {}, field.label + star, input, make("span", { role: "alert", "data-for": field.name, hidden: true }));
  }

  async function send(form, base, facts) {
    const button = form.querySelector("button");
    button.disabled = true;
    const body = new URLSearchParams(new FormData(form));
    const query = new URLSearchParams(location.search);
    for (const name of TOLD) if (query.get(name)) body.set(name, query.get(name));
    body.set("referrer", document.referrer);
    body.set("page", location.href);
    body.set("stamp", facts.stamp);
    try {
      const answer = await fetch(`${base}?lang=${facts.language}`, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "omit" });
      const said = await answer.json();
      if (said.thanks) return form.replaceWith(make("p", { role: "status" }, said.thanks));
      facts.stamp = said.stamp ?? facts.stamp;
      tell(form, said.errors ?? { "": facts.failed });
    } catch {
      tell(form, { "": facts.failed });
    } finally {
      button.disabled = false;
    }
  }

  function tell(form, errors) {
    for (const line of form.querySelectorAll("[data-for]")) {
      const text = errors[line.dataset.for];
      line.hidden = !text;
      line.textContent = text ?? "";
    }
  }
})();
