/* What the answer about a patient is, in words; the page and the report say the same. */

import { counted, percent, positiveOf, spelt, titleOf, toldApart } from "./words.js";

/**
 * Put an answer into words.
 * @param {object} bundle As of `v1/bundle`.
 * @param {object} patient `patient` of the answer of `v1/patients`.
 */
export function verdict(bundle, patient) {
  const positive = positiveOf(bundle);
  const threshold = patient.threshold ?? null;
  const probability = patient.probabilities[positive?.name ?? patient.called] ?? null;
  const [stated, limit] = toldApart(probability, positive ? threshold : null);
  const title = titleOf(bundle, positive ? positive.name : patient.called);
  return {
    referred: Boolean(patient.referred),
    answer: answer(bundle, patient, probability),
    big: stated,
    of: `Probability of “${title}”`,
    why: why({ bundle, patient, probability, positive, title, stated, limit }),
    interval: interval(patient.interval),
    meaning: patient.interval?.what ?? null,
    calibration: calibration(bundle),
    counts: counts(patient),
    remarks: (patient.remarks ?? []).map((remark) => titled(bundle, remark)),
  };
}

/** What the scale draws; null where there are more than two classes. */
export function onScale(bundle, patient) {
  const positive = positiveOf(bundle);
  if (!positive || bundle.classes.length !== 2) return null;
  const other = bundle.classes.find((one) => !one.positive);
  const probability = patient.probabilities[positive.name];
  if (!Number.isFinite(probability)) return null;
  // Of a bundle of cells the band refers cells, never patients.
  const band = bundle.task === "patients" ? stretch(bundle.band, positive, other) : null;
  return {
    probability,
    low: patient.interval?.low ?? null,
    high: patient.interval?.high ?? null,
    threshold: patient.threshold ?? null,
    from: band?.from ?? null,
    to: band?.to ?? null,
    positive: positive.title || positive.name,
    negative: other.title || other.name,
  };
}

/** The scale for those who do not see it. */
export function scaleWords(said) {
  const known = (value) => value !== null && value !== undefined;
  return [
    `Probability of ${said.positive}: ${percent(said.probability)}.`,
    known(said.low) && known(said.high) && `Range ${percent(said.low)} to ${percent(said.high)}.`,
    known(said.threshold) && `Operating point ${percent(said.threshold)}.`,
    known(said.from) &&
      known(said.to) &&
      said.to > said.from &&
      `Referred from ${percent(said.from)} to ${percent(said.to)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function answer(bundle, patient, probability) {
  if (!Number.isFinite(probability)) return "No answer";
  return patient.referred ? "No answer: refer to a further test" : titleOf(bundle, patient.called);
}

function why({ bundle, patient, probability, positive, title, stated, limit }) {
  if (!Number.isFinite(probability)) return "The model gave no number for this patient.";
  if (patient.referred) {
    const left = leftBy(bundle, patient.band)?.map((name) => `“${titleOf(bundle, name)}”`) ?? null;
    const reason =
      left === null
        ? "more than one answer remains possible with the promised reliability"
        : left.length > 1
          ? `${left.join(" and ")} both remain possible with the promised reliability`
          : left.length
            ? `the promised reliability leaves ${left[0]}, the operating point says otherwise`
            : "the patient is unlike those of every class";
    return `The probability of “${title}” is ${stated}; ${reason}. A further test should decide.`;
  }
  if (!positive) return `Of all classes “${titleOf(bundle, patient.called)}” is the most probable one.`;
  if (!limit) return `The probability of “${title}” is ${stated}.`;
  const reaches = patient.called === positive.name ? "reaches" : "stays below";
  return `The probability of “${title}”, ${stated}, ${reaches} the operating point of ${limit}.`;
}

/** Of a bundle of cells the cells are calibrated, and a mean of calibrated numbers is not. */
function calibration(bundle) {
  if (!bundle.calibrated) return "As the network states it: not calibrated.";
  return bundle.task === "patients" ? "Calibrated." : "Each cell's probability is calibrated; their mean is not.";
}

/** Where patients are referred, of the positive class's probability; null where the card's band says none. */
function stretch(band, positive, other) {
  const [least, most] = [1 - (band?.limits?.[positive.name] ?? 1), band?.limits?.[other.name] ?? 1];
  return band?.limits ? { from: Math.min(least, most), to: Math.max(least, most) } : null;
}

/** The classes that the band leaves, which the service says as a text: "normal or all"; null where it says nothing. */
function leftBy(bundle, band) {
  if (typeof band !== "string") return null;
  return bundle.classes.map((one) => one.name).filter((name) => ` or ${band} or `.includes(` or ${name} or `));
}

/** A remark on a fact, which begins with the fact's name: with what the fact is called. */
function titled(bundle, remark) {
  const fact = bundle.facts?.find(({ name }) => remark.startsWith(`${name}: `));
  return fact ? `${fact.title || spelt(fact.name)}${remark.slice(fact.name.length)}` : remark;
}

function interval(said) {
  if (said === null || said === undefined || said.low === null || said.high === null) return null;
  const level = said.level ? ` (${percent(said.level)})` : "";
  const [low, high] = [percent(said.low), percent(said.high)];
  return low === high ? `Range within ${low}${level}` : `Range ${low.replace(/\u00a0%$/, "")} to ${high}${level}`;
}

function counts(patient) {
  return [
    `${counted(patient.cells, "cell")} looked at`,
    patient.unreadable ? `${counted(patient.unreadable, "picture")} could not be used` : null,
    patient.strange_cells ? `${counted(patient.strange_cells, "cell")} unlike those that the model learned from` : null,
  ].filter(Boolean);
}
