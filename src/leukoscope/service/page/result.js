/* The result: answer, cells, what the person says of them, and the report. */

import { cellsAnswer, patientAnswer } from "./answer.js";
import { cellDialog } from "./cell_dialog.js";
import { correctionsBar } from "./corrections.js";
import { el, fill, say } from "./dom.js";
import { grid } from "./grid.js";
import { fillReport, saveReport } from "./report.js";
import { attempt } from "./trouble.js";
import { verdict } from "./verdict.js";
import { counted } from "./words.js";

/**
 * Show a result.
 * @param {HTMLElement} within Where.
 * @param {HTMLElement} paper The report's element.
 * @param {object} result bundle, cells, explained, patient (null for cells), name, facts, factValues, notes, made.
 * @param {() => void} anew What "Start anew" does.
 * @returns {{unsaved: () => boolean, remove: () => void}}
 */
export function showResult(within, paper, result, anew) {
  const { bundle, patient, cells } = result;
  const labels = (result.labels = new Map());
  let unsaved = false;
  let changes = 0; // of the labels
  let due = null;
  let turn = 0;
  let gone = false;
  const [bar, tiles] = [el("div", { id: "corrections" }), el("div", { class: "grid" })];
  const trouble = el("div", { id: "report-problem" });
  /** Make the report anew; one that is made slowly never takes the place of a later one, or comes after `remove`. */
  const report = () => {
    clearTimeout(due);
    const mine = (turn += 1);
    return fillReport(paper, result, () => mine === turn);
  };
  /** Make the report as it is now, again where a label came in between; false once the answer was removed. */
  const reported = async () => {
    while (!gone) if (await report()) return true;
    return false;
  };
  const renew = () => {
    clearTimeout(due);
    due = setTimeout(() => report().catch(console.error), 200);
  };
  const showBar = () =>
    correctionsBar(bar, {
      bundle,
      cells,
      labels,
      patient: () => result.name,
      discard: () => {
        const had = [...labels.keys()];
        labels.clear();
        unsaved = false;
        had.forEach((place) => shown.refresh(cells[place]));
        showBar();
        renew();
        say("Labels discarded.");
      },
      changes: () => changes,
      saved: (upTo) => (unsaved = changes > upTo),
    });
  const dialog = cellDialog({
    bundle,
    facts: result.factValues,
    explained: result.explained,
    labels,
    labelled: (cell, label) => {
      if (label === null) labels.delete(cell.place);
      else labels.set(cell.place, label);
      unsaved = labels.size > 0;
      changes += 1;
      shown.refresh(cell);
      showBar();
      renew();
    },
    closed: (cell) => shown.focus(cell),
  });
  const title = el(
    "h2",
    { id: "result-title", tabindex: -1 },
    patient ? (result.name ? `Patient ${result.name}` : "The patient") : "The cells",
  );
  const save = attempt(trouble, "The report was not saved.", async () => {
    if (await reported()) saveReport(paper, result);
  });
  const print = attempt(trouble, "The report cannot be printed.", async () => {
    if (await reported()) window.print();
  });
  const about =
    patient && !patient.problem
      ? patientAnswer(bundle, patient)
      : patient
        ? unanswered(patient)
        : cellsAnswer(bundle, cells);
  fill(
    within,
    el(
      "section",
      { class: "answer-section", "aria-labelledby": "result-title" },
      el(
        "div",
        { class: "result-head" },
        title,
        el(
          "p",
          { class: "buttons" },
          el("button", { type: "button", id: "print", onclick: print }, "Print the report"),
          el("button", { type: "button", id: "save-report", onclick: save }, "Save the report (HTML)"),
          el("button", { type: "button", id: "anew", class: "quiet", onclick: anew }, "Start anew"),
        ),
      ),
      trouble,
      about,
      result.notes.length > 0 &&
        el(
          "ul",
          { class: "remarks" },
          result.notes.map((note) => el("li", {}, note)),
        ),
    ),
    el("section", { "aria-labelledby": "cells-title" }, el("h2", { id: "cells-title" }, "Cells"), bar, tiles),
  );
  const shown = grid(tiles, { bundle, cells, explained: result.explained, labels, open: dialog.open });
  document.body.classList.add("has-report");
  renew();
  title.focus();
  title.scrollIntoView?.({ block: "start" });
  say(spoken(bundle, patient, cells));
  return {
    unsaved: () => unsaved,
    remove: () => {
      clearTimeout(due);
      turn += 1;
      gone = true;
      dialog.remove();
      document.body.classList.remove("has-report");
      fill(within);
      fill(paper);
    },
  };
}

function unanswered(patient) {
  return el(
    "div",
    { class: "problem", role: "alert" },
    el("h3", {}, "The model gives no answer for this patient."),
    el("p", {}, patient.problem),
  );
}

function spoken(bundle, patient, cells) {
  if (patient?.problem) return `No answer. ${patient.problem}`;
  if (!patient) return `${counted(cells.length, "cell")} looked at.`;
  const said = verdict(bundle, patient);
  return `Answer: ${said.answer}. ${said.of}: ${said.big}.`;
}
