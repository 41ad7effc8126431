/* From pictures to the service's answer: cells in parts, a patient whole. */

import { Problem, get, post } from "./api.js";
import { counted } from "./words.js";

const PART = 64;
const ASKED_EVERY = 1000; // ms
const STEPS = { reading: "Reading", looking: "Looking at" };
const MEGABYTE = 2 ** 20;
const ROOM = 0.9; // of what the service takes at once; names and borders of the form need some too

/** What a picture is called where it is sent: a number, since names of files and folders are often those of patients. */
export function numbered(picture, place) {
  const ending = /\.[a-z0-9]{2,4}$/i.exec(picture.name)?.[0].toLowerCase() ?? "";
  return { ...picture, sent: `picture-${String(place + 1).padStart(4, "0")}${ending}` };
}

/** POST pictures in a field of a form, with other fields; where the answer speaks of a number, it is made the name. */
export async function postPictures(path, field, pictures, others, watch) {
  const names = new Map(pictures.map(({ sent, name }) => [sent, name]));
  const named = (said) => said?.replace(/picture-\d{4,}(\.[a-z0-9]{2,4})?/g, (sent) => names.get(sent) ?? sent) ?? null;
  const form = () => {
    const made = new FormData();
    for (const { sent, file } of pictures) made.append(field, file, sent);
    for (const [name, value] of Object.entries(others)) made.append(name, value);
    return made;
  };
  try {
    const answer = await post(path, form, watch);
    const cells = answer.cells?.map((cell) => (cell.problem ? { ...cell, problem: named(cell.problem) } : cell));
    return { ...answer, cells, notes: answer.notes?.map(named) };
  } catch (problem) {
    for (const part of ["what", "where", "remedy"]) if (problem[part]) problem[part] = named(problem[part]);
    throw problem;
  }
}

/** Refuse at once what the service would refuse after a long upload. */
export function refuseTooMuch(pictures, limits) {
  const bytes = pictures.reduce((sum, one) => sum + one.file.size, 0);
  if (pictures.length > limits.pictures) {
    throw new Problem({
      status: 413,
      what: `These are ${counted(pictures.length, "picture")}; the service takes ${limits.pictures.toLocaleString("en-GB")} of one patient.`,
      do: "Choose fewer, or use the command leukoscope predict, which has no such limit.",
    });
  }
  if (bytes > limits.megabytes * MEGABYTE) {
    throw new Problem({
      status: 413,
      what: `These are ${Math.ceil(bytes / MEGABYTE)} MB; the service takes ${limits.megabytes} MB at once.`,
      do: "Choose fewer or smaller pictures, or use the command leukoscope predict, which has no such limit.",
    });
  }
}

/** Send the pictures of one patient; returns the answer of `v1/patients`. */
export async function sendPatient(pictures, facts, bar, signal) {
  const doing = `Sending ${counted(pictures.length, "picture")}`;
  const watch = watched(bar);
  try {
    return await postPictures("v1/patients", "pictures", pictures, { facts: JSON.stringify(facts) }, {
      signal,
      key: watch.key,
      sent: (done, all) => (done < all ? bar.at(doing, done / all) : watch.start()),
      waiting: (seconds) => {
        watch.stop();
        bar.wait(`The service is busy; trying again in ${seconds} s.`);
      },
    });
  } finally {
    watch.stop();
  }
}

/** Ask the service once a second how far the answer is, from `start` to `stop`. */
function watched(bar) {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  let asking = null;
  const ask = async (mine) => {
    const said = await get(`v1/progress/${key}`).catch(() => null); // it may be too early, or answered by now
    if (mine !== asking || !said?.of) return;
    const noun = said.step === "looking" ? "cell" : "picture";
    bar.at(`${STEPS[said.step]} ${counted(said.of, noun)}`, said.done / said.of);
  };
  const stop = () => {
    clearInterval(asking);
    asking = null;
  };
  const start = () => {
    stop();
    bar.wait("The model looks at the cells.");
    const mine = (asking = setInterval(() => ask(mine), ASKED_EVERY));
  };
  return { key, start, stop };
}

/**
 * Cut a list of pictures into what is sent at once.
 * @param {number} part Pictures at once, at most.
 * @returns {{pictures: object[], answer: object|null}[]}
 */
export function parts(pictures, limits, part = PART) {
  const [most, bytes] = [Math.max(Math.min(part, limits.pictures), 1), ROOM * limits.megabytes * MEGABYTE];
  const found = [];
  let size = 0;
  for (const one of pictures) {
    const last = found.at(-1);
    if (last && last.pictures.length < most && size + one.file.size <= bytes) {
      last.pictures.push(one);
      size += one.file.size;
    } else {
      found.push({ pictures: [one], answer: null });
      size = one.file.size;
    }
  }
  return found;
}

/**
 * Send cells part by part. A part that was answered is not sent again when this is called once more.
 * @param {string} path "v1/cells" or "v1/fields".
 * @param {ReturnType<typeof parts>} portions From `parts`; the answers are put into them.
 */
export async function sendParts(path, portions, bar, signal, noun = "picture") {
  const all = portions.reduce((sum, part) => sum + part.pictures.length, 0);
  let done = 0;
  for (const part of portions) {
    const doing = `Looking at ${counted(all, noun)}`;
    bar.at(doing, done / all);
    const before = done;
    const step = part.pictures.length;
    part.answer ??= await answered(path, part, portions.length, {
      signal,
      sent: (sent, whole) => bar.at(doing, (before + (0.5 * step * sent) / whole) / all),
      waiting: (seconds) => bar.wait(`The service is busy; trying again in ${seconds} s.`),
    });
    done += step;
    bar.at(doing, done / all);
  }
  const refused = portions.find((part) => part.answer.refused);
  if (refused && portions.every((part) => part.answer.refused)) throw refused.answer.refused;
  return portions.map((part) => part.answer);
}

/** The notes of all parts; one that is not the same in every part says which pictures it is about. */
export function notesOf(portions, answers) {
  const all = answers.map((one) => one.notes ?? []);
  const common = (note) => all.every((notes) => notes.includes(note));
  let first = 1;
  const found = [];
  for (const [place, notes] of all.entries()) {
    const last = first + portions[place].pictures.length - 1;
    found.push(...notes.map((note) => (common(note) ? note : `Pictures ${first} to ${last}: ${note}`)));
    first = last + 1;
  }
  return [...new Set(found)];
}

/** One part's answer; where several are sent, one of which nothing can be read leaves the others alone. */
async function answered(path, part, several, watch) {
  try {
    return await postPictures(path, "pictures", part.pictures, {}, watch);
  } catch (problem) {
    if (several === 1 || problem.status !== 422) throw problem;
    const why = [problem.what ?? problem.message, problem.where].filter(Boolean).join(" ");
    const cells = part.pictures.map(({ name }) => ({ name, problem: why }));
    return { cells: path === "v1/cells" ? cells : [], notes: [], refused: problem };
  }
}
