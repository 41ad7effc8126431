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
  const show = (sentence) => {
    words.textContent = sentence;
  };
  let waiting = null;
  let step = null;

  /** A step of known length: what is being done, and the share that is done. The time left is this step's. */
  const at = (doing, share) => {
    clearInterval(waiting);
    if (step?.doing !== doing) step = { doing, from: share, began: performance.now(), told: -1 };
    bar.value = share;
    const seconds = (performance.now() - step.began) / 1000;
    const [done, left] = [share - step.from, 1 - share];
    const time = done > 0.02 && left > 0 && seconds > 1 ? `, about ${duration((seconds * left) / done)} left` : "";
    show(`${doing}: ${percent(share)}${time}`);
    const quarter = Math.floor(4 * share);
    if (quarter > step.told) say(`${doing}: ${percent(share)}`);
    step.told = quarter;
  };

  /** A step whose length nobody knows. */
  const wait = (doing) => {
    clearInterval(waiting);
    step = null;
    bar.removeAttribute("value");
    const since = performance.now();
    const tell = () => show(`${doing} ${duration((performance.now() - since) / 1000)}`);
    waiting = setInterval(tell, 1000);
    show(doing);
    say(doing);
  };

  const end = ({ emptied }) => {
    clearInterval(waiting);
    if (emptied) fill(within);
  };
  return { at, wait, end };
}
