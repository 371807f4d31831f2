/**
 * Makes itself noticed when a phone rings: the tab's title, a sound and a desktop notice.
 *
 * A person has many tabs but one pair of ears: the tab that holds the Web Lock rings, and the next
 * one takes over when it closes. Without locks (plain http in a network) every tab does.
 */
import { text } from "./texts.js";

let isMine = !navigator.locks;
let sound;
let flashing;
let plainTitle;

export function start() {
  navigator.locks?.request("callcenter-ringing", () => {
    isMine = true;
    return new Promise(() => {});
  });
  // Browsers allow sound only after the person has touched the page.
  for (const type of ["pointerdown", "keydown"]) {
    addEventListener(type, () => (sound ??= new AudioContext()), { once: true, capture: true });
  }
}

/** Asks once whether we may show notices; on "Ready", when it is plain what for. */
export function askLeave() {
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
}

export function ring(id, name) {
  if (!isMine) return;
  beep();
  showOnDesktop(id, text("ringing-title", { name }));
}

/** Shows a notice of the desktop, once for all tabs, if the person looks elsewhere and allows it. */
export function showOnDesktop(tag, title, clicked = () => {}) {
  if (!isMine || document.visibilityState !== "hidden") return;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const notice = new Notification(title, { tag, silent: true });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
    clicked();
  });
}

/** Shows in the title who rings; null when nobody does any more. */
export function flash(name) {
  clearInterval(flashing);
  if (plainTitle !== undefined) document.title = plainTitle;
  plainTitle = undefined;
  if (name === null) return;
  plainTitle = document.title;
  const ringing = `☎ ${text("ringing-title", { name })}`;
  document.title = ringing;
  flashing = setInterval(() => {
    // Navigation sets a title of its own meanwhile: that is the plain one then.
    if (document.title !== ringing && document.title !== plainTitle) plainTitle = document.title;
    document.title = document.title === ringing ? plainTitle : ringing;
  }, 1_000);
}

function beep() {
  if (sound?.state !== "running") return;
  for (const [offset, frequency] of [[0, 880], [0.18, 1175]]) {
    const tone = sound.createOscillator();
    const loudness = sound.createGain();
    const begin = sound.currentTime + offset;
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0.0001, begin);
    loudness.gain.exponentialRampToValueAtTime(0.08, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.16);
    tone.connect(loudness).connect(sound.destination);
    tone.start(begin);
    tone.stop(begin + 0.18);
  }
}
