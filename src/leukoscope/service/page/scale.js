/* The patient's probability on a horizontal scale, drawn as SVG. */

import { svg } from "./dom.js";
import { percent } from "./words.js";

const [SIDE, TOP, HEIGHT, TRACK] = [14, 46, 124, 18];
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const LETTER = 7.2; // px a letter of 13 px, about

/**
 * Draw the scale.
 * @param {number} width In CSS pixels, 240 or more.
 * @param {{probability: number, low: number|null, high: number|null, threshold: number|null, from: number|null,
 *   to: number|null, positive: string, negative: string}} said All 0 to 1; from, to: where patients are referred.
 * @param {string} words What the drawing says, for those who do not see it.
 */
export function scale(width, said, words) {
  const x = (share) => SIDE + share * (width - 2 * SIDE);
  const middle = TOP + TRACK / 2;
  const known = (value) => value !== null && value !== undefined;
  const drawn = [
    svg("rect", { class: "scale-track", x: x(0), y: TOP, width: x(1) - x(0), height: TRACK, rx: 4 }),
    known(said.from) && known(said.to) && said.to > said.from && band(x, said),
    known(said.low) && known(said.high) && interval(x, said, middle),
    TICKS.map((share) => tick(x, share)),
    known(said.threshold) && threshold(x, said.threshold, width),
    svg("circle", { class: "scale-point", cx: x(said.probability), cy: middle, r: 8 }),
    label(x(said.probability), TOP - 12, percent(said.probability), "scale-value", width, 9.5),
    label(x(0), HEIGHT - 4, `← ${shortened(said.negative, width)}`, "scale-side", width),
    label(x(1), HEIGHT - 4, `${shortened(said.positive, width)} →`, "scale-side", width),
  ];
  return svg(
    "svg",
    { class: "scale", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": words },
    drawn.flat(),
  );
}

function band(x, { from, to }) {
  const [left, width] = [x(from), x(to) - x(from)];
  const lines = [];
  for (let at = left - TRACK; at < left + width; at += 7) {
    const [start, end] = [Math.max(at, left), Math.min(at + TRACK, left + width)];
    lines.push(
      svg("line", {
        class: "scale-hatch",
        x1: start,
        y1: TOP + TRACK - (start - at),
        x2: end,
        y2: TOP + TRACK - (end - at),
      }),
    );
  }
  const words =
    width > 60 &&
    svg("text", { class: "scale-refer", x: left + width / 2, y: TOP + TRACK + 32, "text-anchor": "middle" }, "refer");
  return [svg("rect", { class: "scale-band", x: left, y: TOP, width, height: TRACK }), ...lines, words];
}

function interval(x, { low, high }, middle) {
  const ends = [low, high].map((share) =>
    svg("line", { class: "scale-end", x1: x(share), x2: x(share), y1: TOP - 3, y2: TOP + TRACK + 3 }),
  );
  return [svg("line", { class: "scale-interval", x1: x(low), x2: x(high), y1: middle, y2: middle }), ...ends];
}

function tick(x, share) {
  const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
  return [
    svg("line", { class: "scale-tick", x1: x(share), x2: x(share), y1: TOP + TRACK, y2: TOP + TRACK + 5 }),
    svg("text", { class: "scale-number", x: x(share), y: TOP + TRACK + 18, "text-anchor": anchor }, `${100 * share}`),
  ];
}

function threshold(x, share, width) {
  return [
    svg("line", { class: "scale-threshold", x1: x(share), x2: x(share), y1: TOP - 8, y2: TOP + TRACK + 8 }),
    label(x(share), 13, `operating point ${percent(share)}`, "scale-limit", width),
  ];
}

/** A class's title, cut to what fits in half of the scale. */
function shortened(title, width) {
  const most = Math.floor((width / 2 - SIDE) / LETTER) - 2;
  return title.length > most ? `${title.slice(0, most - 1)}…` : title;
}

/** A label centred on its place, but never beyond the edges. */
function label(at, y, text, name, width, letter = LETTER) {
  const half = (text.length * letter) / 2;
  const anchor = at - half < 0 ? "start" : at + half > width ? "end" : "middle";
  const place = anchor === "start" ? Math.min(at, SIDE) : anchor === "end" ? Math.max(at, width - SIDE) : at;
  return svg("text", { class: name, x: place, y, "text-anchor": anchor }, text);
}
