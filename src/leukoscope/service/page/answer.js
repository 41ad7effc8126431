/* The answer at the head of the result: a patient's, or how many cells are what. */

import { el } from "./dom.js";
import { flagged } from "./cells.js";
import { scale } from "./scale.js";
import { counted, percent, titleOf } from "./words.js";
import { onScale, scaleWords, verdict } from "./verdict.js";

const NARROWEST = 240;

/** The answer about a patient. */
export function patientAnswer(bundle, patient) {
  const said = verdict(bundle, patient);
  const drawn = onScale(bundle, patient);
  return el(
    "div",
    { class: "answer" },
    el(
      "div",
      { class: "answer-head" },
      el(
        "div",
        {},
        el("p", { class: "before" }, "Answer"),
        el("p", { class: said.referred ? "big words refer" : "big words", id: "answer" }, said.answer),
      ),
      el("div", {}, el("p", { class: "before" }, said.of), el("p", { class: "big", id: "probability" }, said.big)),
    ),
    drawn ? fitted((width) => scale(width, drawn, scaleWords(drawn))) : classBars(bundle, patient.probabilities),
    el("p", { class: "why" }, said.why),
    el(
      "p",
      { class: "after" },
      said.interval && el("strong", {}, `${said.interval}. `),
      said.meaning && `${said.meaning} `,
      said.calibration,
    ),
    el("p", { class: "after" }, `${said.counts.join("; ")}.`),
    remarks(said.remarks),
  );
}

/** How many cells were called what. */
export function cellsAnswer(bundle, cells) {
  const read = cells.filter((cell) => !cell.problem);
  const row = (title, number) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, title),
      el("td", { class: "number" }, number.toLocaleString("en-GB")),
      el("td", { class: "number" }, read.length ? percent(number / read.length) : ""),
    );
  const flags = read.filter(flagged).length;
  const unusable = cells.length - read.length;
  return el(
    "div",
    { class: "answer" },
    el(
      "table",
      { class: "counts" },
      el("caption", {}, `${counted(read.length, "cell")} looked at`),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, "Called"),
          el("th", { scope: "col", class: "number" }, "Cells"),
          el("th", { scope: "col", class: "number" }, "Share"),
        ),
      ),
      el(
        "tbody",
        {},
        bundle.classes.map(({ name }) =>
          row(titleOf(bundle, name), read.filter((cell) => cell.called === name).length),
        ),
      ),
    ),
    flags > 0 &&
      el(
        "p",
        { class: "after refer" },
        `${counted(flags, "cell")} flagged: look at ${flags === 1 ? "it" : "these"} before you go by the table.`,
      ),
    unusable > 0 &&
      el(
        "p",
        { class: "after" },
        `${counted(unusable, "picture")} could not be used; the reason stands with each below.`,
      ),
  );
}

/** The classes with their probabilities as bars, the most probable first. */
export function classBars(bundle, probabilities, most = 15) {
  const rows = Object.entries(probabilities).sort((a, b) => (b[1] ?? -1) - (a[1] ?? -1));
  return el(
    "ul",
    { class: "class-bars" },
    rows.slice(0, most).map(([name, share]) => classBar(titleOf(bundle, name), share)),
  );
}

/** One class with its bar. */
export function classBar(title, share) {
  const bar = el("span", { class: "class-bar", "aria-hidden": "true" }, el("span", {}));
  bar.firstChild.style.width = `${100 * (share ?? 0)}%`;
  return el(
    "li",
    {},
    el("span", { class: "class-title" }, title),
    bar,
    el("span", { class: "class-share" }, percent(share)),
  );
}

function remarks(sentences) {
  return sentences.length
    ? el(
        "ul",
        { class: "remarks" },
        sentences.map((sentence) => el("li", {}, sentence)),
      )
    : null;
}

/** A drawing that is made anew for the width at hand, so that its letters stay legible on a small screen. */
function fitted(draw) {
  const box = el("div", { class: "scale-box" });
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.max(Math.floor(box.clientWidth), NARROWEST);
    if (width !== last) box.replaceChildren(draw(width));
    last = width;
  }).observe(box);
  return box;
}
