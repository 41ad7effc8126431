/* From what was dropped or chosen to a list of pictures with their names. */

import { Problem } from "./api.js";
import { unpack } from "./zip.js";

const PICTURE = /\.(bmp|dib|gif|j2k|jp2|pbm|pgm|png|pnm|ppm|tiff?|webp|jfif|jpe|jpe?g)$/i;
const ZIP = /\.zip$/i;
const MOST = 20_000;
const inOrder = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

/**
 * @typedef {{name: string, file: Blob}} Picture
 * @typedef {{pictures: Picture[], leftOut: string[], zip: Picture|null}} Gathered
 *   zip: one that this browser cannot unpack, so that the service must.
 */

/** Gather what was dropped: files, folders with all that lies in them, zips. @returns {Promise<Gathered>} */
export function fromDrop(transfer) {
  // The entries must be asked for at once: after the first wait the browser has taken them away.
  const entries = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  return gathered(async () => (await Promise.all(entries.filter(Boolean).map((entry) => opened(entry)))).flat());
}

/** Gather what was chosen in a dialog. @returns {Promise<Gathered>} */
export function fromInput(input) {
  const files = [...input.files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  return gathered(async () => files);
}

/** Give each picture a name of its own: a second "1.png" becomes "1_2.png". */
export function unlike(pictures) {
  const [given, taken] = [new Set(pictures.map((one) => one.name)), new Set()];
  return pictures.map((one) => {
    let name = one.name;
    for (let number = 2; taken.has(name) || (number > 2 && given.has(name)); number += 1)
      name = one.name.replace(/(\.[^./]*)?$/, (ending) => `_${number}${ending}`);
    taken.add(name);
    return { ...one, name };
  });
}

/** Make a picture of a data URI; fetch would need a hole in the page's rules. */
export function fromData(name, uri) {
  const [head, body] = uri.split(",", 2);
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  return { name, file: new Blob([bytes], { type: head.slice(5).split(";")[0] }) };
}

async function gathered(list) {
  const files = await list();
  if (files.length > MOST) {
    throw new Problem({
      title: "These are too many files at once.",
      what: `There are more than ${MOST.toLocaleString("en-GB")}.`,
      do: "Use the command leukoscope predict for so many; it reads whole folders.",
    });
  }
  const found = { pictures: [], leftOut: [], zip: null };
  const zips = files.filter((one) => ZIP.test(one.name)).length;
  for (const one of files) await place(one, found, zips > 1);
  found.pictures = unlike(found.pictures.sort((a, b) => inOrder(a.name, b.name)));
  if (found.zip !== null && (found.pictures.length || zips > 1)) {
    throw new Problem({
      title: "This zip can only be sent by itself.",
      where: found.zip.name,
      what: "This browser cannot unpack it, so the service must.",
      do: "Choose it alone, or unpack it first.",
    });
  }
  return found;
}

/** Put one file where it belongs; members of several zips get the zip's name before theirs. */
async function place(one, found, several) {
  if (hidden(one.name)) return;
  if (PICTURE.test(one.name)) found.pictures.push(one);
  else if (ZIP.test(one.name)) {
    try {
      const { members, others } = await unpack(one.file, (name) => PICTURE.test(name) && !hidden(name));
      const before = several ? `${one.name.replace(ZIP, "")}/` : "";
      found.pictures.push(...members.map(({ name, file }) => ({ name: before + name, file })));
      found.leftOut.push(...others.filter((name) => !hidden(name)));
    } catch {
      found.zip = one;
    }
  } else found.leftOut.push(one.name);
}

/** What systems strew into folders, never meant by anybody. */
function hidden(name) {
  return name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX" || part === "Thumbs.db");
}

async function opened(entry, within = "") {
  if (entry instanceof File) return [{ name: entry.name, file: entry }];
  const name = within + entry.name;
  if (entry.isFile) return [{ name, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await opened(one, `${name}/`)));
    if (found.length > MOST) return found;
  }
}
