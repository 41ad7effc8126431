/* The page from start to end: which model, which pictures, which facts, the question, the answer. */

import { about, leakage } from "./about.js";
import { Problem, Stopped, get, tokenFrom } from "./api.js";
import { cellsOf, forgetPictures } from "./cells.js";
import { byId, el, fill, say } from "./dom.js";
import { factsForm } from "./facts.js";
import { showFields } from "./fields.js";
import { fromData } from "./files.js";
import { picking, showPicked } from "./picking.js";
import { progress } from "./progress.js";
import { showResult } from "./result.js";
import { notesOf, numbered, parts, refuseTooMuch, sendParts, sendPatient } from "./sending.js";
import { askForToken, showProblem } from "./trouble.js";
import { listed } from "./words.js";

const FIELDS_AT_ONCE = 4;
const MOST_TRIES = 60; // a second apart
const DRAWN = "These cells are drawn by a program: they are of no person.";
const EMPTIED = "The facts and the name were those of the pictures before, so they were emptied.";
const UNSAVED = "The labels that you gave are not downloaded yet and will be lost. Go on without them?";

const state = {
  bundle: null,
  gathered: null,
  drawn: false,
  portions: null,
  facts: null,
  stop: null,
  shown: null,
  asked: false,
  name: null,
  picking: null,
};

async function start() {
  tokenFrom(askForToken);
  fill(byId("start-problem"));
  try {
    state.bundle = await loaded();
  } catch (problem) {
    byId("lead").textContent = "The service did not say which model it holds.";
    showProblem(byId("start-problem"), problem, start);
    return;
  }
  introduce(state.bundle);
  prepare(state.bundle);
}

/** What the service holds; it is waited for while the service reads its model. */
async function loaded() {
  for (let tries = 0; ; tries += 1) {
    try {
      return await get("v1/bundle");
    } catch (problem) {
      if (problem.status !== 503 || tries >= MOST_TRIES) throw problem;
      byId("lead").textContent = "One moment: the service is reading its model.";
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function introduce(bundle) {
  const titles = bundle.classes.map((one) => one.title || one.name);
  document.title = `${bundle.name}: Leukoscope`;
  byId("model-name").textContent = bundle.name;
  byId("title").textContent =
    bundle.task === "patients" ? "What do this patient's cells say?" : "What are these cells?";
  byId("lead").textContent =
    bundle.task === "patients"
      ? `The model looks at all cells of one patient together and says how probable each of these is: ${listed(titles, 4)}.`
      : `The model says of each cell how probable each of these is: ${listed(titles, 8)}.`;
  fill(byId("leakage"), leakage(bundle));
  fill(byId("about"), about(bundle));
  if (bundle.keeps) byId("kept").textContent = "Whoever started the service has told it to keep what is sent.";
}

function prepare(bundle) {
  const { limits } = bundle;
  fill(byId("kinds"), kinds(bundle));
  byId("drop-limits").textContent =
    `PNG, JPEG, TIFF, BMP. At once up to ${limits.pictures.toLocaleString("en-GB")} pictures, ${limits.megabytes} MB, ${limits.megapixels} megapixels each.`;
  const form = el("div");
  const name = el("input", {
    id: "patient-name",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 80,
  });
  state.name = name;
  fill(
    byId("facts-form"),
    el(
      "div",
      { class: "fact" },
      el("label", { for: "patient-name" }, "Name on the report"),
      name,
      el("p", { class: "hint" }, "A pseudonym; it stays on this page and is not sent."),
    ),
    form,
  );
  state.facts = bundle.facts?.length ? factsForm(form, bundle.facts) : null;
  state.picking = picking({ take, fail });
  byId("example").addEventListener("click", example);
  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  byId("ask").hidden = false;
  window.addEventListener("beforeunload", (event) => state.shown?.unsaved() && event.preventDefault());
  changed();
}

/** What the pictures are, and how they are judged, where there is a choice. */
function kinds(bundle) {
  const radio = (name, value, words, checked) =>
    el(
      "label",
      { class: "radio" },
      el("input", { type: "radio", name, value, checked, onchange: () => ((state.portions = null), changed()) }),
      el("span", {}, words),
    );
  const binary = bundle.classes.length === 2;
  return [
    el(
      "fieldset",
      { class: "kinds" },
      el("legend", {}, "What the pictures show"),
      radio("kind", "cells", "One cell each", true),
      radio("kind", "fields", "Whole fields: find the cells in them first"),
    ),
    bundle.task === "cells" &&
      el(
        "fieldset",
        { class: "kinds" },
        el("legend", {}, "Whose cells they are"),
        radio("mode", "patient", "Of one patient", binary),
        radio("mode", "cells", "Of several, or not known: each by itself", !binary),
      ),
  ].filter(Boolean);
}

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value ?? null;
const ofFields = () => chosen("kind") === "fields";
const ofPatient = () => state.bundle.task === "patients" || chosen("mode") === "patient";

/** Something was chosen or taken back: the form follows. */
function changed() {
  const ready = state.gathered !== null;
  byId("drop-words").textContent = ofFields()
    ? "Drop pictures of whole fields, a folder or a zip here"
    : "Drop pictures, a folder or a zip here";
  byId("facts").hidden = !ofPatient() || ofFields();
  byId("go").disabled = !ready || state.stop !== null;
  byId("go").textContent = ofFields() ? "Find the cells" : "Ask the model";
  byId("go-hint").textContent = ready || state.stop ? "" : "Choose pictures first.";
  byId("example").hidden = ofFields();
}

function take(gathered) {
  if (!gathered.pictures.length && gathered.zip === null) {
    const left = gathered.leftOut.length
      ? `Found, but no pictures by their names: ${listed(gathered.leftOut, 4)}.`
      : "There was nothing in it.";
    return fail(
      new Problem({
        title: "There is no picture in what you chose.",
        what: left,
        do: "Choose pictures such as PNG, JPEG, TIFF or BMP, a folder of them, or a zip.",
      }),
    );
  }
  const others = state.drawn || state.asked;
  if (!mayLeave()) return undefined;
  state.drawn = false;
  return pick(gathered, others && emptied() ? EMPTIED : "");
}

function pick(gathered, note = "") {
  state.stop?.abort();
  clearAnswers();
  forgetPictures();
  state.gathered = gathered;
  state.portions = null;
  fill(byId("problem"));
  showPicked(byId("picked"), gathered, startAnew, note);
  changed();
}

/** Empty what was said of a patient; returns whether there was anything. */
function emptied() {
  const had = state.name.value !== "" || Boolean(state.facts?.filled());
  state.asked = false;
  state.facts?.set({});
  state.name.value = "";
  return had;
}

/** Whether the answer at hand may go: labels that were given are work, and are asked about once. */
function mayLeave() {
  if (state.shown?.unsaved() && !window.confirm(UNSAVED)) return false;
  clearAnswers();
  return true;
}

function fail(problem) {
  showProblem(byId("problem"), problem);
}

function clearAnswers() {
  state.shown?.remove();
  state.shown = null;
  fill(byId("found"));
}

function startAnew() {
  if (!mayLeave()) return;
  state.stop?.abort();
  state.picking.forget();
  Object.assign(state, { gathered: null, portions: null, drawn: false });
  emptied();
  forgetPictures();
  fill(byId("problem"));
  showPicked(byId("picked"), null);
  changed();
  byId("choose-files").focus();
  say("Everything is cleared.");
}

async function example() {
  if (!mayLeave()) return;
  state.picking.forget();
  const drawn = await working(async (bar, signal) => {
    bar.wait("Fetching the example.");
    return get("v1/example", { signal });
  }, example);
  if (!drawn) return;
  pick({ pictures: drawn.pictures.map((one) => fromData(one.name, one.data)), leftOut: [], zip: null });
  state.drawn = true;
  state.facts?.set(drawn.facts ?? {});
  state.name.value = "Example";
  await ask();
}

async function ask() {
  if (state.gathered === null || state.stop) return;
  const facts = ofPatient() && !ofFields() ? state.facts?.read() : null;
  if (facts?.wrong) return void facts.wrong.focus();
  if (!mayLeave()) return;
  state.asked = true; // from here on what is typed is this patient's, however the question ends
  if (ofFields()) return void (await findCells());
  const made = await working((bar, signal) => (ofPatient() ? patient(facts, bar, signal) : cells(bar, signal)), ask);
  if (made) state.shown = showResult(byId("result"), byId("report"), made, startAnew);
}

async function patient(facts, bar, signal) {
  const { pictures, sent } = outgoing();
  refuseTooMuch(sent, state.bundle.limits);
  const answer = await sendPatient(sent, facts?.values ?? {}, bar, signal);
  const found = cellsOf(state.bundle, pictures, answer.cells);
  return result(answer.patient, found, answer.explained ?? null, answer.notes, facts);
}

async function cells(bar, signal) {
  const { pictures, sent } = outgoing();
  const portions = (state.portions ??= parts(sent, state.bundle.limits));
  const answers = await sendParts("v1/cells", portions, bar, signal);
  return result(
    null,
    cellsOf(
      state.bundle,
      pictures,
      answers.flatMap((one) => one.cells),
    ),
    null,
    notesOf(portions, answers),
    null,
  );
}

async function findCells() {
  const { sent } = outgoing();
  const most = Math.min(FIELDS_AT_ONCE, state.bundle.limits.fields ?? FIELDS_AT_ONCE);
  const portions = (state.portions ??= parts(sent, state.bundle.limits, most));
  const answers = await working((bar, signal) => sendParts("v1/fields", portions, bar, signal, "field"), ask);
  if (!answers) return;
  const refused = answers.flatMap((one, place) =>
    one.refused
      ? portions[place].pictures.map(({ name }) => `${name}: ${one.refused.what ?? one.refused.message}`)
      : [],
  );
  const notes = [...notesOf(portions, answers), ...refused];
  const answer = { cells: answers.flatMap((one) => one.cells), notes };
  showFields(byId("found"), state.gathered.zip ? null : sent, answer, (found) => {
    document.querySelector('input[name="kind"][value="cells"]').checked = true;
    pick({ pictures: found, leftOut: [], zip: null });
    if (state.facts) byId("facts").querySelector("input").focus();
    else ask();
  });
}

/** The pictures as the page shows them, and what is sent: a zip as it is where the browser cannot unpack it. */
function outgoing() {
  const { pictures, zip } = state.gathered;
  return { pictures, sent: (zip ? [zip] : pictures).map(numbered) };
}

function result(patientSaid, found, explained, notes, facts) {
  return {
    bundle: state.bundle,
    patient: patientSaid,
    cells: found,
    explained,
    name: state.name.value.trim(),
    facts: facts?.stated ?? [],
    factValues: facts?.values ?? {},
    notes: [...(state.drawn ? [DRAWN] : []), ...new Set(notes ?? [])],
    made: new Date(),
  };
}

/** Do something that takes a while: progress, a way to stop, problems in words. Returns null where it came to nothing. */
async function working(task, again) {
  state.stop?.abort(); // an answer that came later would be shown under the new name
  const stop = (state.stop = new AbortController());
  fill(byId("problem"));
  const bar = progress(byId("progress"), () => stop.abort());
  changed();
  try {
    return await task(bar, stop.signal);
  } catch (problem) {
    if (problem instanceof Stopped) say("Stopped.");
    else showProblem(byId("problem"), problem, again);
    return null;
  } finally {
    bar.end({ emptied: state.stop === stop }); // what took over shows its own progress there
    if (state.stop === stop) state.stop = null;
    changed();
  }
}

start();
