/** A letter's frame is as high as the letter, and shows pictures from elsewhere when asked to. */

const LIMIT_PX = 4000;
const BORDER_PX = 2;

export function start() {
  // A frame's "load" does not bubble.
  document.addEventListener("load", ({ target }) => {
    if (target instanceof HTMLIFrameElement && target.matches(".letter__frame")) fit(target);
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-letter-pictures]");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    link.closest(".letter").querySelector(".letter__frame").src = link.href;
    link.parentElement.remove();
  }, true);
}

function fit(frame) {
  const height = frame.contentDocument?.body?.scrollHeight ?? 0;
  if (height) frame.style.setProperty("block-size", `${Math.min(height + BORDER_PX, LIMIT_PX)}px`);
}
