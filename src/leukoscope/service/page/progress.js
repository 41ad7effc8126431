/* How far it is, how long it may take, and a button to stop. */

import { el, fill, say } from "./dom.js";
import { duration, percent } from "./words.js";

/**
 * Show progress in an element until `end` is called.
 * @param {HTMLElement} within Where.
 * @param {() => void} stop What the button does; no button where null.
 */
export function progress(within, stop = null) {
  const bar = el("progress", { max: 1, "aria-label": "Progress" });
  const words = el("p", { class: "progress-words" });
  const button = stop && el("button", { type: "button", class: "quiet", onclick: stop }, "Stop");
  fill(within, el("div", { class: "progress" }, bar, words, button));
  const began = performance.now();
  const show = (sentence) => {
    words.textContent = sentence;
  };
  let waiting = null;
  let told = -1;

  /** A step of known length. */
  const at = (doing, share) => {
    clearInterval(waiting);
    bar.value = share;
    const seconds = (performance.now() - began) / 1000;
    const left =
      share > 0.02 && share < 1 && seconds > 1 ? `, about ${duration((seconds * (1 - share)) / share)} left` : "";
    show(`${doing}: ${percent(share)}${left}`);
    const quarter = Math.floor(4 * share);
    if (quarter > told) say(`${doing}: ${percent(share)}`);
    told = quarter;
  };

  /** A step whose length nobody knows. */
  const wait = (doing) => {
    clearInterval(waiting);
    bar.removeAttribute("value");
    const since = performance.now();
    const tell = () => show(`${doing} ${duration((performance.now() - since) / 1000)}`);
    waiting = setInterval(tell, 1000);
    show(doing);
    say(doing);
  };

  const end = () => {
    clearInterval(waiting);
    fill(within);
  };
  return { at, wait, end };
}
