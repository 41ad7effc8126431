/* In which order cells are shown, and which of them. */

import { confidenceOf, flagged } from "./cells.js";
import { positiveOf, titleOf } from "./words.js";

/** Unreadable pictures come last, whatever is sorted by; equals stay as they were given. */
const sorted = (value) => (a, b) => {
  const [of, beside] = [a, b].map((cell) => (cell.problem ? -Infinity : (value(cell) ?? -1e300)));
  return of === beside ? a.place - b.place : beside - of;
};

/** The ways to sort that this result knows, the usual one first. */
export function ordersOf({ bundle, cells, explained }) {
  const name = explained ?? positiveOf(bundle)?.name;
  const has = (test) => cells.some((cell) => !cell.problem && test(cell));
  const probability = (cell) => cell.probabilities?.[name];
  const minus = (value) => (cell) => (value(cell) === null || value(cell) === undefined ? null : -value(cell));
  const evidence = (cell) => cell.evidence;
  return [
    has((cell) => cell.evidence !== null) && {
      title: explained ? `evidence for “${titleOf(bundle, explained)}”` : "evidence",
      compare: sorted(evidence),
    },
    has((cell) => cell.evidence !== null) && { title: "evidence against", compare: sorted(minus(evidence)) },
    name &&
      has((cell) => cell.probabilities) && {
        title: `probability of “${titleOf(bundle, name)}”`,
        compare: sorted(probability),
      },
    has((cell) => confidenceOf(cell) !== null) && { title: "least sure first", compare: sorted(minus(confidenceOf)) },
    has((cell) => cell.distance !== null) && { title: "most unlike first", compare: sorted((cell) => cell.distance) },
    { title: "order given", compare: (a, b) => a.place - b.place },
  ].filter(Boolean);
}

/** Which cells may be picked out: what each is called, and its test. */
export function filtersOf({ bundle, cells, labels }) {
  const calls = cells.some((cell) => cell.called !== null);
  const sides = cells.some((cell) => cell.evidence !== null && cell.evidence < 0);
  return [
    { title: "All", test: () => true, always: true },
    { title: "Flagged", test: flagged, always: true },
    { title: "Referred", test: (cell) => cell.referred },
    { title: "Not usable", test: (cell) => Boolean(cell.problem) },
    { title: "Labelled by you", test: (cell) => labels.has(cell.place) },
    ...(calls
      ? bundle.classes.map(({ name, title }) => ({ title: title || name, test: (cell) => cell.called === name }))
      : []),
    ...(sides
      ? [
          { title: "Speak for", test: (cell) => cell.evidence > 0 },
          { title: "Speak against", test: (cell) => cell.evidence !== null && cell.evidence < 0 },
        ]
      : []),
  ];
}
