/* A cell's tile: picture, number, what it is called, and marks. */

import { figureOf, flagged, marksOf, urlOf } from "./cells.js";
import { el, fill } from "./dom.js";
import { titleOf } from "./words.js";

/** Put a cell's picture, number and marks on its tile. */
export function dress(button, cell, { bundle, explained, labels }, most) {
  const figure = figureOf(cell, bundle, explained);
  const label = labels.get(cell.place);
  const marks = [...marksOf(cell), label !== undefined && "labelled"].filter(Boolean);
  const called = label ?? (cell.called === null ? null : cell.called);
  const spoken = [
    `Cell ${cell.place + 1}, ${cell.name}`,
    cell.problem && `cannot be used: ${cell.problem}`,
    figure && `${figure.what} ${figure.text}`,
    cell.called && `called ${titleOf(bundle, cell.called)}`,
    label && `your label ${titleOf(bundle, label)}`,
    cell.strange && "unlike the cells that the model learned from",
    cell.referred && "referred",
    cell.seen && "seen in training",
  ];
  button.setAttribute("aria-label", spoken.filter(Boolean).join("; "));
  button.title = cell.name;
  button.classList.toggle("is-flagged", flagged(cell));
  button.classList.toggle("is-unusable", Boolean(cell.problem));
  fill(
    button,
    thumbnail(cell),
    cell.evidence !== null && !cell.problem && evidenceBar(cell.evidence / most),
    el("span", { class: "figure" }, figure ? figure.text : cell.problem ? "not usable" : ""),
    called && el("span", { class: "call" }, titleOf(bundle, called)),
    marks.length > 0 &&
      el(
        "span",
        { class: "marks" },
        marks.map((mark) => el("span", { class: `mark mark-${mark.split(" ")[0]}` }, mark)),
      ),
  );
}

/** A cell's picture; its number where the browser cannot show it. */
function thumbnail(cell) {
  const number = () => el("span", { class: "thumb missing" }, `${cell.place + 1}`);
  if (!cell.file || cell.problem) return number();
  const image = el("img", {
    class: "thumb",
    alt: "",
    loading: "lazy",
    decoding: "async",
    width: 96,
    height: 96,
    src: urlOf(cell.file),
  });
  image.addEventListener("error", () => image.replaceWith(number()), { once: true });
  return image;
}

function evidenceBar(share) {
  const bar = el("span", { class: share < 0 ? "pull against" : "pull for", "aria-hidden": "true" }, el("span", {}));
  bar.firstChild.style.width = `${50 * Math.min(Math.abs(share), 1)}%`;
  return bar;
}
