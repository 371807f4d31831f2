/**
 * What the templates of the page show of a pop, a call or my state: the server's facts in the reader's words.
 *
 * Numbers, names and dates come ready from the server, since Chromium has no Azerbaijani.
 */
import { text } from "./texts.js";
import { span } from "./timers.js";

const WAYS = { inbound: "inbound", in: "inbound", outbound: "outbound", out: "outbound" };
const way = (direction) => WAYS[direction] ?? "internal";

/** `pop` is live.protocol.Pop; for the template `pop`. */
export function popValues(pop) {
  const known = pop.match === "one" ? pop.candidates[0] : undefined;
  const title = known?.name ?? titleOf(pop);
  const number = pop.withheld ? null : pop.number;
  return {
    ...pop,
    title,
    way: text(`way-${way(pop.direction)}`),
    contact: known?.contact_id,
    phase_words: phaseWords(pop),
    line: pop.queue || pop.did,
    since: pop.phase === "talking" ? pop.talking_since : pop.waiting_since || pop.ringing_since,
    facts: [known?.title, known?.company].filter(Boolean).join(", "),
    extension: pop.match === "internal" ? number : null,
    dial: pop.match === "internal" ? null : pop.e164 || number || (pop.is_covered ? "•••" : null),
    by_call: pop.is_covered ? pop.call_id : null,
    bare: title === number,
    zones: pop.time_zones.join(" "),
    choices: known ? [] : pop.candidates.map(choice),
    leads: pop.leads.map((lead) => ({ ...lead, called: [lead.number, lead.subject].filter(Boolean).join(" · "), about: [lead.owner, lead.stage].filter(Boolean).join(", ") })),
    recent: pop.recent.map(line),
    ...offer(pop, known),
  };
}

function titleOf(pop) {
  if (pop.withheld) return text("number-withheld");
  return pop.caller_name || pop.number || text(pop.is_covered ? "number-covered" : "number-unknown");
}

function phaseWords({ phase, direction }) {
  if (phase === "talking") return text("phase-talking");
  if (phase !== "ringing") return text("call-ended");
  return direction === "inbound" ? text("call-incoming") : text(`way-${way(direction)}`);
}

function choice(candidate) {
  return {
    ...candidate,
    initials: initials(candidate.name),
    why: candidate.reasons.map((code) => text(`why-${code}`) || code).join(", "),
  };
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const [first = "?", last] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return [first, last].map((word) => [...word][0] ?? "").join("");
}

/** `past` is live.protocol.Line. */
function line(past) {
  const isCall = past.kind === "call";
  const isMissed = way(past.direction) === "inbound" && ![null, "answered"].includes(past.result);
  return {
    mark: isMissed ? "missed" : null,
    glyph: isCall ? glyph(past) : "sticky-note",
    words: past.note || (isCall ? callTitle(past) : past.kind),
    more: [past.talk_s && span(past.talk_s), past.who].filter(Boolean).map((each) => `· ${each}`).join(" "),
    iso: new Date(past.at * 1000).toISOString(),
    when: past.when,
    moment: past.moment,
  };
}

function glyph({ direction, result }) {
  if (result === null) return "phone-call";
  if (way(direction) === "outbound") return "phone-outgoing";
  if (way(direction) === "internal") return "phone";
  return { answered: "phone-incoming", voicemail: "voicemail" }[result] ?? "phone-missed";
}

function callTitle({ direction, result }) {
  if (result === null) return text("call-open");
  return text(`call-${way(direction)}-${["answered", "voicemail"].includes(result) ? result : "missed"}`);
}

/** The one next step that the card offers. */
function offer(pop, known) {
  const asked = pop.is_covered ? null : pop.e164 || pop.number;
  if (known) return { offer: "card" };
  if (pop.match === "many" && asked) return { offer: "search", searched: encodeURIComponent(asked ?? "") };
  if (pop.match !== "none" || !(asked || pop.is_covered)) return {};
  const query = new URLSearchParams(asked ? { phone: asked } : {});
  if (pop.interaction_id) query.set("interaction", pop.interaction_id);
  return { offer: "new", new_query: query.toString() };
}

/** `call` is live.protocol.CallView; for the template `call-bar`. */
export function callValues(call) {
  // Who calls us waits; what both sides do matters only while we call them.
  const isBeingPlaced = ["dialling", "ringing"].includes(call.phase) && call.direction === "outbound";
  return {
    ...call,
    title: call.title || call.number || text("number-unknown"),
    phase_words: text(`phase-${call.phase}`),
    sides: isBeingPlaced ? call.legs.map(side) : [],
    in_queue: isBeingPlaced ? null : call.queue,
    clock: call.talking_since || call.since,
  };
}

const side = (leg) => ({
  mark: leg.phase === "up" ? "talking" : leg.phase,
  who: text(`party-${leg.party}`),
  does: text(`phase-${leg.phase}`),
});

/** `view` is live.protocol.StateView; for the template `my-state`. */
export function stateValues(view) {
  const state = text(`state-${view.state}`) || text("state-off");
  const isReason = view.state === "paused" && view.reason;
  return {
    code: view.state,
    state,
    words: isReason ? text(`reason-${view.reason}`) || view.reason : state,
    since: view.since,
    until: view.until,
    [view.state === "paused" ? `paused-${view.reason}` : view.state]: "true",
  };
}
