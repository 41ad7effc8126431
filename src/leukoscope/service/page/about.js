/* What is known of the model, from its card. */

import { el } from "./dom.js";
import { counted, percent, positiveOf, scoreTitle, spelt } from "./words.js";

/** The folded section "About this model". */
export function about(bundle) {
  const positive = positiveOf(bundle);
  const rows = [
    ["It tells apart", bundle.classes.map((one) => one.title || one.name).join(", ")],
    ["It answers for", bundle.task === "patients" ? "a patient, from all cells together" : "single cells"],
    bundle.several_models && ["Made of", "several models that answer together"],
    typeof bundle.threshold === "number" && [
      "Operating point",
      `${percent(bundle.threshold)} for “${positive?.title || positive?.name}”`,
    ],
    [
      "Probabilities",
      bundle.calibrated ? "calibrated on cells or patients kept for it" : "not calibrated: as the network states them",
    ],
    ["When unsure", bundle.refers ? "it refers instead of answering" : "it answers all the same"],
    [
      "Unlike cells",
      bundle.flags ? "flagged where they are unlike the cells it learned from" : "not flagged: it cannot tell",
    ],
    ["Pictures", bundle.input && `seen at ${bundle.input.width} × ${bundle.input.height} px`],
    ...learned(bundle.trained_on),
  ].filter((row) => row && row[1]);
  const scores = Object.entries(bundle.scores ?? {})
    .map(score)
    .filter(Boolean);
  return el(
    "details",
    { class: "about" },
    el("summary", {}, "About this model"),
    bundle.purpose && el("p", {}, bundle.purpose),
    el("div", { class: "about-columns" }, definitions(rows), scores.length ? scoresTable(scores) : null),
    bundle.research_use_only && el("p", { class: "hint" }, sentence(bundle.research_use_only)),
  );
}

/** The red warning of a model that was tested on what it had learned; null where there is none. */
export function leakage(bundle) {
  if (!bundle.leakage) return null;
  return el(
    "div",
    { class: "alarm", role: "alert" },
    el(
      "p",
      {},
      el("strong", {}, "Leakage: this model's scores are not those on unseen patients."),
      " Do not go by them.",
    ),
    el("p", {}, `What is known of it: “${bundle.leakage}”`),
  );
}

/** The scores as a line of the report: "ROC AUC 0.943 (0.921 to 0.962)". */
export function scoreLines(bundle) {
  return Object.entries(bundle.scores ?? {})
    .map(score)
    .filter(Boolean)
    .map(({ title, value, range }) => `${title} ${value}${range ? ` (${range})` : ""}`);
}

const sentence = (said) => (typeof said === "string" ? said : "Research use only; not a medical device.");

function definitions(rows) {
  return el(
    "dl",
    { class: "pairs" },
    rows.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))),
  );
}

function learned(trained) {
  if (!trained) return [];
  if (typeof trained === "string") return [["Learned from", trained]];
  const numbers = [
    Number.isFinite(trained.cells) && counted(trained.cells, "cell"),
    Number.isFinite(trained.patients) && counted(trained.patients, "patient"),
  ].filter(Boolean);
  const others = Object.entries(trained).filter(
    ([name, value]) =>
      !["cells", "patients", "data"].includes(name) &&
      !name.endsWith("sha256") &&
      ["string", "number"].includes(typeof value),
  );
  return [
    ["Learned from", [numbers.join(" of "), trained.data && `data set “${trained.data}”`].filter(Boolean).join("; ")],
    ...others.map(([name, value]) => [spelt(name), String(value)]),
  ];
}

function score([name, said]) {
  const [value, low, high] = Array.isArray(said)
    ? said
    : typeof said === "number"
      ? [said]
      : [said?.value, said?.low, said?.high];
  if (!Number.isFinite(value)) return null;
  const range = Number.isFinite(low) && Number.isFinite(high) ? `${low.toFixed(3)} to ${high.toFixed(3)}` : "";
  return { title: scoreTitle(name), value: value.toFixed(3), range };
}

function scoresTable(scores) {
  return el(
    "table",
    { class: "scores" },
    el("caption", {}, "On its test part, with 95 % intervals"),
    el(
      "tbody",
      {},
      scores.map(({ title, value, range }) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, title),
          el("td", { class: "number" }, value),
          el("td", { class: "range" }, range),
        ),
      ),
    ),
  );
}
