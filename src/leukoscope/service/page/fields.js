/* Whole fields: the cells that were found, with their boxes; which of them go on is the person's choice. */

import { urlOf } from "./cells.js";
import { el, fill, say, svg } from "./dom.js";
import { fromData } from "./files.js";
import { counted } from "./words.js";

/**
 * Show what was found.
 * @param {HTMLElement} within Where.
 * @param {{name: string, file: Blob}[]} fields As sent.
 * @param {{cells: object[], notes: string[]}} answer Of `v1/fields`, all parts together.
 * @param {(pictures: {name: string, file: Blob}[]) => void} goOn Takes the cells that were kept.
 */
export function showFields(within, fields, answer, goOn) {
  const found = answer.cells.map((cell, place) => ({ ...cell, place, kept: true }));
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
          ? `${counted(found.length, "cell")} found in ${counted(fields.length, "field")}`
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
            "Are these whole fields of a stained smear, with red cells about? Pictures of one cell each need no search: choose “Pictures of single cells” above.",
          ),
      answer.notes.length > 0 &&
        el(
          "ul",
          { class: "remarks" },
          answer.notes.map((note) => el("li", {}, note)),
        ),
      fields.map((field) =>
        oneField(
          field,
          found.filter((cell) => cell.field === field.name),
          tell,
        ),
      ),
      found.length > 0 && el("p", { class: "buttons" }, button),
    ),
  );
  within.querySelector("#found-title").focus();
  say(found.length ? `${counted(found.length, "cell")} found.` : "No white cell was found.");
}

function oneField(field, cells, tell) {
  const boxes = svg("svg", { class: "boxes", "aria-hidden": "true" });
  const image = el("img", {
    src: urlOf(field.file),
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
  image.addEventListener(
    "error",
    () => {
      const [width, height] = [
        Math.max(...cells.map((cell) => cell.right), 1),
        Math.max(...cells.map((cell) => cell.bottom), 1),
      ];
      image.replaceWith(
        el("p", { class: "hint" }, "This browser cannot show this format; the boxes lie where the cells are."),
      );
      boxes.classList.add("bare");
      draw(width, height);
    },
    { once: true },
  );
  return el(
    "div",
    { class: "field" },
    el("h3", { class: "cell-name" }, field.name),
    el("div", { class: "field-picture" }, image, boxes),
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

const pictureOf = (cell) => fromData(/\.png$/i.test(cell.name) ? cell.name : `${cell.name}.png`, cell.picture);
