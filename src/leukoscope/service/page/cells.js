/* The cells of an answer, each with its picture: one place for what the service says and what was sent. */

import { percent, positiveOf, signed, titleOf } from "./words.js";

const urls = new Map();

/** The address under which the browser shows a picture; made when first asked for. */
export function urlOf(file) {
  if (!urls.has(file)) urls.set(file, URL.createObjectURL(file));
  return urls.get(file);
}

/** Let go of all pictures. */
export function forgetPictures() {
  for (const url of urls.values()) URL.revokeObjectURL(url);
  urls.clear();
}

/**
 * Join the service's rows with the pictures that were sent.
 * @param {object} bundle What was asked: only one of patients says what a cell adds to the patient's answer.
 * @param {{name: string, file: Blob}[]} pictures As sent; empty where a zip went as it was.
 * @param {object[]} rows `cells` of the answers, in the order sent.
 */
export function cellsOf(bundle, pictures, rows) {
  return rows.map((row, place) => ({
    place,
    name: pictures[place]?.name ?? row.name ?? `${place + 1}`,
    file: pictures[place]?.file ?? null,
    evidence: bundle.task === "patients" ? (row.evidence ?? null) : null,
    called: row.called ?? null,
    probabilities: row.probabilities ?? null,
    confidence: row.confidence ?? null,
    referred: row.referred ?? false,
    distance: row.distance ?? null,
    strange: row.out_of_distribution ?? false,
    seen: row.seen_in_training ?? false,
    problem: row.problem ?? null,
  }));
}

/** Whether anything was flagged about a cell that was read. */
export const flagged = (cell) => !cell.problem && (cell.strange || cell.referred || cell.seen);

/** The number that a tile shows, and what it is; null for a picture that could not be read. */
export function figureOf(cell, bundle, explained) {
  if (cell.problem) return null;
  if (cell.evidence !== null)
    return { text: signed(cell.evidence), what: `evidence for “${titleOf(bundle, explained)}”` };
  const name = explained ?? positiveOf(bundle)?.name;
  if (name && cell.probabilities)
    return { text: percent(cell.probabilities[name]), what: `probability of “${titleOf(bundle, name)}”` };
  const sure = confidenceOf(cell);
  return sure === null ? null : { text: percent(sure), what: `probability of “${titleOf(bundle, cell.called)}”` };
}

/** How sure the model is of what it called a cell, 0 to 1; null where nothing says. */
export function confidenceOf(cell) {
  if (cell.confidence !== null) return cell.confidence;
  return cell.probabilities && cell.called ? (cell.probabilities[cell.called] ?? null) : null;
}

/** Short words for the marks on a tile. */
export function marksOf(cell) {
  return [cell.strange && "unlike", cell.referred && "refer", cell.seen && "seen before"].filter(Boolean);
}

/** What was flagged about a cell, and why, a sentence each. */
export function flagsOf(cell, bundle) {
  if (cell.problem) return [`This picture cannot be used: ${cell.problem}`];
  const far = cell.distance === null ? "" : ` Its distance is ${cell.distance.toFixed(2)}, and 1.00 is the limit.`;
  const sure = confidenceOf(cell);
  const said = sure === null ? "" : ` (${percent(sure)} for “${titleOf(bundle, cell.called)}”)`;
  return [
    cell.strange &&
      `Unlike the cells that the model learned from.${far} Another stain, dirt, an empty field or no cell at all look like this: do not go by its answer.`,
    cell.referred && `The model is not sure enough${said}. It refers this cell to a person.`,
    cell.seen && "The model has learned from this very picture. Its answer here says nothing about how good it is.",
  ].filter(Boolean);
}
