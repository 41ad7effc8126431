/* Choosing pictures: dropped or from a dialog, as files, a folder or a zip; and what was chosen. */

import { urlOf } from "./cells.js";
import { byId, el, fill, say } from "./dom.js";
import { fromDrop, fromInput } from "./files.js";
import { counted, listed, size } from "./words.js";

const SHOWN = 32;

/**
 * Wire the drop zone and its buttons.
 * @param {{take: (gathered: object) => void, fail: (problem: Error) => void}} then What to do with what was chosen.
 * @returns {{forget: () => void}} forget: what is being read is not wanted any more.
 */
export function picking({ take, fail }) {
  const zone = byId("drop");
  let newest = 0;
  const gather = async (gathering) => {
    const mine = (newest += 1);
    zone.classList.add("busy");
    say("Reading what was chosen.");
    try {
      const gathered = await gathering;
      if (mine === newest) take(gathered);
    } catch (problem) {
      if (mine === newest) fail(problem);
    } finally {
      if (mine === newest) zone.classList.remove("busy");
    }
  };
  for (const name of ["files", "folder"]) {
    const input = byId(name);
    byId(`choose-${name}`).addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      if (input.files.length) await gather(fromInput(input));
      input.value = ""; // so that the same choice, made again, is noticed
    });
  }
  // Beside the zone a drop would make the browser leave the page and open the picture.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  window.addEventListener("dragover", (event) => zone.classList.toggle("over", zone.contains(event.target)));
  window.addEventListener("dragleave", (event) => event.relatedTarget === null && zone.classList.remove("over"));
  window.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (event.dataTransfer?.items.length && !document.querySelector("dialog[open]"))
      gather(fromDrop(event.dataTransfer));
  });
  return {
    forget: () => {
      newest += 1;
      zone.classList.remove("busy");
    },
  };
}

/** Show what was chosen, and a note on it; a button takes it back. */
export function showPicked(within, gathered, clear, note = "") {
  if (gathered === null) return fill(within);
  const { pictures, leftOut, zip } = gathered;
  const bytes = pictures.reduce((sum, one) => sum + one.file.size, 0);
  const words = zip
    ? `The zip ${zip.name}, ${size(zip.file.size)}: this browser cannot unpack it, so it is sent as it is, with the file names in it.`
    : `${counted(pictures.length, "picture")}, ${size(bytes)}`;
  say([words, note].filter(Boolean).join(" "));
  return fill(
    within,
    el(
      "p",
      { class: "picked" },
      el("strong", {}, words),
      el("button", { type: "button", class: "quiet", onclick: clear }, "Take back"),
    ),
    note && el("p", { class: "picked-note" }, note),
    el("div", { class: "strip", "aria-hidden": "true" }, pictures.slice(0, SHOWN).map(small)),
    leftOut.length > 0 &&
      el(
        "details",
        { class: "left-out" },
        el("summary", {}, `${counted(leftOut.length, "file")} left out: no pictures by their names`),
        el("p", {}, listed(leftOut, 20)),
      ),
  );
}

function small(one) {
  const image = el("img", { src: urlOf(one.file), alt: "", loading: "lazy", decoding: "async", width: 40, height: 40 });
  image.addEventListener("error", () => image.remove(), { once: true });
  return image;
}
