/* The report: one page on a patient, or on a set of cells, to print or to keep as one file. */

import { scoreLines } from "./about.js";
import { classBars } from "./answer.js";
import { figureOf, flagged, flagsOf } from "./cells.js";
import { download, el, fill } from "./dom.js";
import { scale } from "./scale.js";
import { onScale, scaleWords, verdict } from "./verdict.js";
import { counted, listed, percent, titleOf } from "./words.js";

const [FIRST, LAST, FLAGGED] = [12, 6, 6];
const SIDE = 128; // px of a picture in the report
const WIDTH = 640;

/**
 * Fill the report's element.
 * @param {HTMLElement} within Where; it is shown on paper only.
 * @param {object} result bundle, cells, explained, patient (null for cells), name, facts (as stated), labels, notes, made (Date).
 * @param {() => boolean} current Whether it is still wanted when its pictures are made.
 * @returns {Promise<boolean>} Whether it was, and is filled.
 */
export async function fillReport(within, result, current) {
  const { bundle, patient, cells, name, facts, labels, notes, made } = result;
  const tiles = await tilesPart(result);
  if (!current()) return false;
  fill(
    within,
    el("p", { class: "report-research" }, "Research use only; not a medical device"),
    bundle.leakage &&
      el(
        "p",
        { class: "report-leakage" },
        `Leakage: this model's scores are not those on unseen patients. “${bundle.leakage}”`,
      ),
    el("h1", {}, patient ? (name ? `Patient ${name}` : "A patient, not named") : "Single cells"),
    el("p", { class: "report-made" }, `Model “${bundle.name}”, ${day(made)}`),
    patient ? patientPart(bundle, patient) : cellsPart(bundle, cells),
    patient && facts.length > 0 && factsPart(facts),
    tiles,
    labelsPart(bundle, cells, labels),
    notes.length > 0 &&
      el(
        "ul",
        { class: "report-notes" },
        notes.map((note) => el("li", {}, note)),
      ),
    modelPart(bundle),
    el(
      "p",
      { class: "report-foot" },
      el("strong", {}, "Research use only; not a medical device."),
      " No number here may guide the care of a patient.",
    ),
  );
  return true;
}

/** Save the report as one file that needs nothing else. */
export function saveReport(within, result) {
  // From the page itself: the service may be gone by now.
  const sheet = [...document.styleSheets].find((one) => one.href?.endsWith("/report.css"));
  const style = [...sheet.cssRules].map((rule) => rule.cssText).join("\n");
  const title = el("title", {}, `Leukoscope: ${result.patient ? result.name || "a patient" : "cells"}`).outerHTML;
  const rules = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  const page = [
    "<!doctype html>",
    '<html lang="en-GB">',
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta name="color-scheme" content="light"><meta http-equiv="Content-Security-Policy" content="${rules}">`,
    title,
    `<style>${style}</style></head>`,
    `<body class="report-alone"><main class="report">${within.innerHTML}</main></body>`,
    "</html>",
  ].join("\n");
  const name = (result.patient ? result.name : "cells").replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60);
  download(`leukoscope-${name || "patient"}.html`, new Blob([page], { type: "text/html;charset=utf-8" }));
}

function patientPart(bundle, patient) {
  const said = verdict(bundle, patient);
  const drawn = onScale(bundle, patient);
  return el(
    "div",
    {},
    el("p", { class: "report-answer" }, said.answer, el("span", {}, ` ${said.of}: ${said.big}`)),
    drawn ? scale(WIDTH, drawn, scaleWords(drawn)) : classBars(bundle, patient.probabilities, 6),
    el("p", {}, said.why),
    el(
      "p",
      {},
      [said.interval && `${said.interval}.`, said.meaning, said.calibration, `${said.counts.join("; ")}.`]
        .filter(Boolean)
        .join(" "),
    ),
    said.remarks.length > 0 &&
      el(
        "ul",
        {},
        said.remarks.map((sentence) => el("li", {}, sentence)),
      ),
  );
}

function cellsPart(bundle, cells) {
  const read = cells.filter((cell) => !cell.problem);
  const said = bundle.classes.map(({ name }) => {
    const number = read.filter((cell) => cell.called === name).length;
    return `${titleOf(bundle, name)}: ${number} (${read.length ? percent(number / read.length) : "none"})`;
  });
  const flags = read.filter(flagged).length;
  return el(
    "div",
    {},
    el("p", { class: "report-answer" }, counted(read.length, "cell")),
    el(
      "p",
      {},
      `${said.join("; ")}. ${counted(flags, "cell")} flagged; ${counted(cells.length - read.length, "picture")} could not be used.`,
    ),
  );
}

function factsPart(facts) {
  return el(
    "p",
    {},
    el("strong", {}, "Stated facts: "),
    facts.map(({ title, value }) => `${title} ${value}`).join("; "),
    ".",
  );
}

async function tilesPart(result) {
  const read = result.cells.filter((cell) => !cell.problem);
  const [value, titles] = rankOf(result, read);
  const ranked = value ? [...read].sort((a, b) => value(b) - value(a)) : read;
  const first = ranked.slice(0, FIRST);
  const last = value ? ranked.slice(FIRST).slice(-LAST).reverse() : [];
  const shown = new Set([...first, ...last]);
  const flags = read.filter((cell) => flagged(cell) && !shown.has(cell)).slice(0, FLAGGED);
  return [
    await strip(result, titles[0], first),
    await strip(result, titles[1], last),
    await strip(result, "Further cells that were flagged", flags),
  ];
}

/** What the cells are ranked by, null where by nothing, and what the first and the last ones are called. */
function rankOf({ bundle, explained }, cells) {
  const title = titleOf(bundle, explained);
  if (cells.some((cell) => cell.evidence !== null)) {
    const last = "Cells with the least evidence for it, or the most against";
    return [(cell) => cell.evidence, [`Cells with the most evidence for “${title}”`, last]];
  }
  if (explained && cells.some((cell) => cell.probabilities)) {
    const titles = [`Cells with the highest probability of “${title}”`, "Cells with the lowest"];
    return [(cell) => cell.probabilities?.[explained] ?? -1, titles];
  }
  return [null, ["The first cells", ""]];
}

async function strip({ bundle, explained, labels }, title, cells) {
  if (!cells.length) return null;
  const tiles = await Promise.all(
    cells.map(async (cell) => {
      const picture = await shrunk(cell.file);
      const words = [
        figureOf(cell, bundle, explained)?.text,
        cell.called && titleOf(bundle, cell.called),
        flagged(cell) && "flagged",
        labels.has(cell.place) && `you: ${titleOf(bundle, labels.get(cell.place))}`,
      ];
      const image = picture
        ? el("img", { src: picture, alt: `Cell ${cell.place + 1}`, width: 72, height: 72 })
        : el("span", { class: "report-missing" }, `${cell.place + 1}`);
      return el(
        "li",
        {},
        image,
        el("span", {}, words.filter(Boolean).join(" · ")),
        el("span", { class: "report-name" }, cell.name),
      );
    }),
  );
  const strange = cells.filter(flagged).map((cell) => `${cell.name}: ${flagsOf(cell, bundle)[0]}`);
  return el(
    "div",
    {},
    el("h2", {}, title),
    el("ul", { class: "report-tiles" }, tiles),
    strange.length > 0 && el("p", { class: "report-small" }, listed(strange, 2)),
  );
}

function labelsPart(bundle, cells, labels) {
  if (!labels.size) return null;
  const said = cells
    .filter((cell) => labels.has(cell.place))
    .map((cell) => `${cell.name}: ${titleOf(bundle, labels.get(cell.place))}`);
  return el("p", {}, el("strong", {}, "Labels given by a person: "), listed(said, 8), ".");
}

function modelPart(bundle) {
  const scores = scoreLines(bundle).slice(0, 4);
  return el(
    "p",
    { class: "report-small" },
    [bundle.purpose, scores.length && `On its test part: ${scores.join("; ")} (95 % intervals).`]
      .filter(Boolean)
      .join(" "),
  );
}

/** A small copy of a picture as a data URI; null where the browser cannot show it. */
async function shrunk(file) {
  if (!file) return null;
  try {
    const image = await createImageBitmap(file);
    const scaled = Math.min(SIDE / Math.max(image.width, image.height), 1);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height].map((side) => Math.max(Math.round(side * scaled), 1));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return canvas.toDataURL("image/jpeg", 0.9);
  } catch {
    return null;
  }
}

const day = (moment) => moment.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
