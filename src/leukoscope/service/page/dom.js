/* Elements made by hand. Whatever a person or a file supplies becomes text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element of HTML.
 * @param {string} name The element's name.
 * @param {object} settings Attributes; `onclick` and the like take functions; null and false are left out.
 * @param {...(Node|string|null|Array)} children Strings become text.
 */
export function el(name, settings = {}, ...children) {
  return filled(document.createElement(name), settings, children);
}

/** Make an element of SVG; arguments as of `el`. */
export function svg(name, settings = {}, ...children) {
  return filled(document.createElementNS(SVG, name), settings, children);
}

/** Put children into an element in place of all that is there. */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
  return element;
}

/** The element of an id. */
export const byId = (id) => document.getElementById(id);

/** What `say` speaks through within a dialog: while one is open the page around it is silent. */
export const listening = () => el("p", { class: "unseen live", role: "status", "aria-live": "polite" });

/** Say something to those who listen rather than look. */
export function say(sentence) {
  const live = [...document.querySelectorAll("dialog[open] .live")].at(-1) ?? byId("live");
  if (live.textContent !== sentence) live.textContent = sentence;
}

/** Hand a file to the person. */
export function download(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = el("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function filled(element, settings, children) {
  for (const [key, value] of Object.entries(settings)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...shown(children));
  return element;
}

/** Children without what stands for nothing, so that `condition && element` may be written. */
function shown(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
