/* The pieces that the view of one cell is made of. */

import { el } from "./dom.js";
import { titleOf } from "./words.js";

/** The training cells that are most like this one. */
export const nearest = (bundle, rows) => [
  el("h3", {}, "Nearest cells that the model learned from"),
  rows.length
    ? el(
        "ul",
        { class: "nearest", id: "nearest" },
        rows.map((row) =>
          el(
            "li",
            {},
            row.picture
              ? el("img", { src: row.picture, alt: "", width: 72, height: 72 })
              : el("span", { class: "thumb missing" }, "no picture"),
            el("span", {}, titleOf(bundle, row.label)),
            el("span", { class: "hint" }, `distance ${Number(row.distance).toFixed(2)}`),
          ),
        ),
      )
    : el("p", { class: "hint" }, "This model keeps none."),
];

/** A large picture with its caption; words in its place where the browser cannot show it. */
export function figure(url, words, cell, map = false) {
  const missing = () => el("span", { class: "large missing" }, "This browser cannot show this format.");
  const image =
    url &&
    el("img", {
      class: "large",
      src: url,
      alt: map ? `${words}, laid over cell ${cell.place + 1}` : `Cell ${cell.place + 1}`,
      id: map ? "heat-map" : null,
    });
  image?.addEventListener("error", () => image.replaceWith(missing()), { once: true });
  return el("figure", {}, image ?? missing(), el("figcaption", {}, words));
}

/** A labelled choice. */
export function chooser(id, words, options, value, changed) {
  const select = el(
    "select",
    { id, onchange: () => changed(select.value) },
    options.map(([key, title]) => el("option", { value: key }, title)),
  );
  select.value = value;
  return el("p", { class: "chooser" }, el("label", { for: id }, words), select);
}
