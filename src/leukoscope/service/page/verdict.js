/* What the answer about a patient is, in words; the page and the report say the same. */

import { counted, percent, positiveOf, titleOf, toldApart } from "./words.js";

/**
 * Put an answer into words.
 * @param {object} bundle As of `v1/bundle`.
 * @param {object} patient `patient` of the answer of `v1/patients`.
 */
export function verdict(bundle, patient) {
  const positive = positiveOf(bundle);
  const threshold = patient.threshold ?? null;
  const probability = positive
    ? patient.probabilities[positive.name]
    : Math.max(...Object.values(patient.probabilities));
  const [stated, limit] = toldApart(probability, positive ? threshold : null);
  const title = titleOf(bundle, positive ? positive.name : patient.called);
  return {
    referred: Boolean(patient.referred),
    answer: patient.referred ? "No answer: refer to a further test" : titleOf(bundle, patient.called),
    big: stated,
    of: `Probability of “${title}”`,
    why: why({ bundle, patient, positive, title, stated, limit }),
    interval: interval(patient.interval),
    meaning: patient.interval?.what ?? null,
    calibration: bundle.calibrated ? "Calibrated." : "As the network states it: not calibrated.",
    counts: counts(patient),
    remarks: patient.remarks ?? [],
  };
}

/** What the scale draws; null where there are more than two classes. */
export function onScale(bundle, patient) {
  const positive = positiveOf(bundle);
  if (!positive || bundle.classes.length !== 2) return null;
  const other = bundle.classes.find((one) => !one.positive);
  const band = stretch(bundle.band, positive, other) ?? (typeof patient.band === "object" ? patient.band : null);
  return {
    probability: patient.probabilities[positive.name],
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

function why({ bundle, patient, positive, title, stated, limit }) {
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
    return `The probability of “${title}” is ${stated}; ${reason}. A further test, such as flow cytometry, should decide.`;
  }
  if (!positive) return `Of all classes “${titleOf(bundle, patient.called)}” is the most probable one.`;
  if (!limit) return `The probability of “${title}” is ${stated}.`;
  const reaches = patient.called === positive.name ? "reaches" : "stays below";
  return `The probability of “${title}”, ${stated}, ${reaches} the operating point of ${limit}.`;
}

/** Where patients are referred, of the positive class's probability; null where the card's band says none. */
function stretch(band, positive, other) {
  const [least, most] = [1 - (band?.limits?.[positive.name] ?? 1), band?.limits?.[other.name] ?? 1];
  return band?.limits ? { from: Math.min(least, most), to: Math.max(least, most) } : null;
}

/** The classes that the band leaves; null where nothing says. The service may say them as a text, "normal or all". */
function leftBy(bundle, band) {
  if (Array.isArray(band?.left)) return band.left;
  if (typeof band !== "string") return null;
  return bundle.classes.map((one) => one.name).filter((name) => ` or ${band} or `.includes(` or ${name} or `));
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
