/* Whole fields: the cells that were found, with their boxes; which of them go on is the person's choice. */

import { urlOf } from "./cells.js";
import { el, fill, say, svg } from "./dom.js";
import { fromData, unlike } from "./files.js";
import { counted } from "./words.js";

/**
 * Show what was found.
 * @param {HTMLElement} within Where.
 * @param {{name: string, sent: string, file: Blob}[]|null} fields As sent; null where a zip went as it was.
 * @param {{cells: object[], notes: string[]}} answer Of `v1/fields`, all parts together.
 * @param {(pictures: {name: string, file: Blob}[]) => void} goOn Takes the cells that were kept.
 */
export function showFields(within, fields, answer, goOn) {
  const seen = fields ?? [...new Set(answer.cells.map((cell) => cell.field))].map((name) => ({ name, sent: name }));
  const found = cellsIn(seen, answer.cells);
  const button = el("button", {
    type: "button",
    class: "primary",
    id: "use-cells",
    onclick: () => goOn(kept().map(pictureOf)),
  });
  const kept = () => found.filter((cell) => cell.kept);
  const tell = () => {
    button.textContent = kept().length ? `Go on with ${counted(kept().length, "cell")}` : "No cell is chosen";
    button.disabled = !kept().length;
  };
  tell();
  fill(
    within,
    el(
      "section",
      { id: "fields-found", "aria-labelledby": "found-title" },
      el(
        "h2",
        { id: "found-title", tabindex: -1 },
        found.length
          ? `${counted(found.length, "cell")} found in ${counted(seen.length, "field")}`
          : "No white cell was found",
      ),
      found.length
        ? el(
            "p",
            { class: "read" },
            "White cells, cut out for this model. Press one that is none to leave it out; press it again to take it back.",
          )
        : el(
            "p",
            { class: "read" },
            "Are these whole fields of a stained smear, with red cells about? Pictures of one cell each need no search: choose “One cell each” above.",
          ),
      answer.notes.length > 0 &&
        el(
          "ul",
          { class: "remarks" },
          answer.notes.map((note) => el("li", {}, note)),
        ),
      seen.map((field) =>
        oneField(
          field,
          found.filter((cell) => cell.field === field.sent),
          tell,
        ),
      ),
      found.length > 0 && el("p", { class: "buttons" }, button),
    ),
  );
  within.querySelector("#found-title").focus();
  say(found.length ? `${counted(found.length, "cell")} found.` : "No white cell was found.");
}

/** The cells under the names of their fields, "smear_01.png"; the field was sent as a number. */
function cellsIn(fields, rows) {
  const stems = new Map(fields.map(({ sent, name }) => [sent, name.replace(/\.[^./]+$/, "")]));
  const numbers = new Map();
  const named = rows.map((row) => {
    const number = (numbers.get(row.field) ?? 0) + 1;
    numbers.set(row.field, number);
    return { ...row, name: `${stems.get(row.field) ?? row.field}_${String(number).padStart(2, "0")}.png` };
  });
  return unlike(named).map((cell, place) => ({ ...cell, place, kept: true }));
}

function oneField(field, cells, tell) {
  const boxes = svg("svg", { class: "boxes", "aria-hidden": "true" });
  const image = el("img", {
    src: field.file ? urlOf(field.file) : null,
    alt: `Field ${field.name}, ${counted(cells.length, "cell")} found`,
  });
  const draw = (width, height) => {
    boxes.setAttribute("viewBox", `0 0 ${width} ${height}`);
    boxes.replaceChildren(...cells.map((cell) => cell.box));
  };
  for (const cell of cells) {
    cell.box = svg("rect", {
      class: "box",
      x: cell.left,
      y: cell.top,
      width: cell.right - cell.left,
      height: cell.bottom - cell.top,
    });
  }
  image.addEventListener("load", () => draw(image.naturalWidth, image.naturalHeight), { once: true });
  const bare = (words) => {
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...cells.map((cell) => cell[side]), 1));
    boxes.classList.add("bare");
    draw(right, bottom);
    return el("p", { class: "hint" }, `${words}; the boxes lie where the cells are.`);
  };
  image.addEventListener("error", () => image.replaceWith(bare("This browser cannot show this format")), {
    once: true,
  });
  return el(
    "div",
    { class: "field" },
    el("h3", { class: "cell-name" }, field.name),
    el(
      "div",
      { class: "field-picture" },
      field.file ? image : bare("The field lies in a zip that this browser cannot unpack"),
      boxes,
    ),
    cells.length
      ? el(
          "ul",
          { class: "cut-out" },
          cells.map((cell) => el("li", {}, toggle(cell, tell))),
        )
      : el("p", { class: "hint" }, "No white cell found here."),
  );
}

function toggle(cell, tell) {
  const button = el(
    "button",
    {
      type: "button",
      class: "tile",
      "aria-pressed": "true",
      "aria-label": `Cell ${cell.place + 1}, kept`,
      onclick: () => {
        cell.kept = !cell.kept;
        button.setAttribute("aria-pressed", String(cell.kept));
        button.setAttribute("aria-label", `Cell ${cell.place + 1}, ${cell.kept ? "kept" : "left out"}`);
        cell.box.classList.toggle("out", !cell.kept);
        tell();
      },
    },
    el("img", { class: "thumb", src: cell.picture, alt: "", width: 72, height: 72 }),
  );
  button.addEventListener("mouseenter", () => cell.box.classList.add("pointed"));
  button.addEventListener("mouseleave", () => cell.box.classList.remove("pointed"));
  button.addEventListener("focus", () => cell.box.classList.add("pointed"));
  button.addEventListener("blur", () => cell.box.classList.remove("pointed"));
  return button;
}

const pictureOf = (cell) => fromData(cell.name, cell.picture);
