/* The person's own labels, as a table for the next training. */

import { download, el, fill } from "./dom.js";
import { attempt } from "./trouble.js";
import { counted, titleOf } from "./words.js";
import { zipOf } from "./zip_writer.js";

const TABLE = "corrections.csv";

/**
 * The table that the reader `table` reads: path, patient, label.
 * @param {object[]} cells Those of the result.
 * @param {Map<number, string>} labels Class names by the cells' places.
 * @param {string} patient The patient's name; empty where not known.
 */
export function tableOf(cells, labels, patient) {
  const rows = cells
    .filter((cell) => labels.has(cell.place))
    .map((cell) => [pathOf(cell.name), patient, labels.get(cell.place)]);
  return [["path", "patient", "label"], ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

/** The bar with what can be done with the labels, and `saved`, told up to which of `changes`; empty where there are none. */
export function correctionsBar(within, { bundle, cells, labels, patient, discard, changes, saved }) {
  if (!labels.size) return fill(within);
  const disagree = cells.filter(
    (cell) => cell.called !== null && labels.has(cell.place) && labels.get(cell.place) !== cell.called,
  );
  const kinds = [...new Set(labels.values())].map((name) => titleOf(bundle, name));
  const trouble = el("div");
  const saving = (make) => attempt(trouble, "The labels were not saved.", async () => {
    const upTo = changes();
    await make();
    note.textContent = `Saved. Put ${TABLE} beside the pictures or their folder: its paths start there.`;
    saved(upTo);
  });
  const saveTable = saving(() =>
    download(TABLE, new Blob([tableOf(cells, labels, patient())], { type: "text/csv;charset=utf-8" })),
  );
  const saveZip = saving(async () => {
    const chosen = cells.filter((cell) => labels.has(cell.place) && cell.file);
    const files = chosen.map((cell) => ({ name: pathOf(cell.name), file: cell.file }));
    download(
      "corrections.zip",
      await zipOf([...files, { name: TABLE, file: new Blob([tableOf(cells, labels, patient())]) }]),
    );
  });
  const note = el("p", { class: "hint", role: "status" });
  return fill(
    within,
    el(
      "div",
      { class: "corrections" },
      el(
        "p",
        {},
        el("strong", {}, counted(labels.size, "label")),
        ` given by you (${kinds.join(", ")})`,
        disagree.length ? `; the model says otherwise of ${disagree.length}.` : ".",
      ),
      el(
        "p",
        { class: "buttons" },
        el("button", { type: "button", id: "save-table", onclick: saveTable }, "Download corrections (CSV)"),
        cells.some((cell) => cell.file) &&
          el("button", { type: "button", id: "save-zip", class: "quiet", onclick: saveZip }, "With the pictures (zip)"),
        el("button", { type: "button", class: "quiet", onclick: discard }, "Discard"),
      ),
      note,
      trouble,
    ),
  );
}

/** A name as a path that no spreadsheet takes for a formula, and that stays below the table's folder. */
export function pathOf(name) {
  const parts = name
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part && part !== "." && part !== "..");
  const path = parts.join("/") || "cell";
  return /^[=+\-@]/.test(path) ? `./${path}` : path;
}

function quoted(value) {
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
