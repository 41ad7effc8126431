/* How numbers, classes and faults are said. */

const NBSP = "\u00a0";
const MINUS = "\u2212";

/** "1 cell", "3 cells", "1,200 cells". */
export function counted(number, noun, plural = `${noun}s`) {
  return `${number.toLocaleString("en-GB")}${NBSP}${number === 1 ? noun : plural}`;
}

/** A share as whole per cent, but never 0 or 100 where there are exceptions. */
export function percent(share) {
  if (!Number.isFinite(share)) return "unknown";
  if (share > 0 && share < 0.005) return `under${NBSP}1${NBSP}%`;
  if (share < 1 && share > 0.995) return `over${NBSP}99${NBSP}%`;
  return `${Math.round(100 * share)}${NBSP}%`;
}

/** A share and a limit with as many digits as it takes to see which is the larger. */
export function toldApart(share, limit) {
  if (limit === null || share === limit || percent(share) !== percent(limit)) {
    return [percent(share), limit === null ? "" : percent(limit)];
  }
  for (let digits = 1; digits < 6; digits += 1) {
    const said = [share, limit].map((value) => `${(100 * value).toFixed(digits)}${NBSP}%`);
    if (said[0] !== said[1]) return said;
  }
  return [share, limit].map((value) => `${100 * value}${NBSP}%`);
}

/** A number with its sign, a true minus below 0, and as many digits as it takes to see it. */
export function signed(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size >= 0.01 ? 3 : size >= 0.001 ? 4 : size >= 0.0001 ? 5 : 6;
  const said = size.toFixed(digits);
  return (value < 0 ? MINUS : "+") + said;
}

/** Seconds as "4 s" or "2 min 5 s". */
export function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  return whole < 60 ? `${whole}${NBSP}s` : `${Math.floor(whole / 60)}${NBSP}min ${whole % 60}${NBSP}s`;
}

/** Bytes as "820 kB" or "2.4 MB". */
export function size(bytes) {
  return bytes < 1e6 ? `${Math.max(Math.round(bytes / 1e3), 1)}${NBSP}kB` : `${(bytes / 1e6).toFixed(1)}${NBSP}MB`;
}

/** Up to `most` names, and how many more. */
export function listed(names, most = 3) {
  const first = names.slice(0, most).join(", ");
  return names.length > most ? `${first} and ${(names.length - most).toLocaleString("en-GB")} more` : first;
}

/** What a class is called for people. */
export function titleOf(bundle, name) {
  const found = bundle.classes.find((one) => one.name === name);
  return found ? found.title || found.name : String(name);
}

/** The positive class, or null where there is none. */
export function positiveOf(bundle) {
  return bundle.classes.find((one) => one.positive) ?? null;
}

/** A name of code as words: "white_cell_count" to "White cell count". */
export function spelt(name) {
  const words = String(name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SCORES = {
  accuracy: "Accuracy",
  balanced_accuracy: "Balanced accuracy",
  roc_auc: "Area under the ROC curve",
  pr_auc: "Area under the precision-recall curve",
  weighted_f1: "F1, weighted by class",
  macro_f1: "F1, mean of the classes",
  patient_roc_auc: "Area under the ROC curve, patients",
};

/** What a score is called. */
export const scoreTitle = (name) => SCORES[name] ?? spelt(name);

const METHODS = {
  grad_cam: "Grad-CAM: which regions matter",
  gradient_times_activation: "Gradient × activation: finer regions",
  integrated_gradients: "Integrated gradients: single pixels",
  occlusion: "Occlusion: what changes when a spot is covered (slow)",
};

/** What a method of heat maps is called. */
export const methodTitle = (name) => METHODS[name] ?? spelt(name);

/** What went wrong, by the answer's status; the service's own words say the rest. */
export const FAULTS = {
  0: "The service cannot be reached.",
  401: "The service asks for its token.",
  403: "The service does not take requests from this page.",
  404: "The service does not know what this page asked for.",
  405: "The service does not know what this page asked for.",
  408: "Sending took too long.",
  413: "That is more than the service takes at once.",
  415: "The service cannot use this kind of file.",
  422: "The service cannot use what was sent.",
  429: "The service is busy with other requests.",
  500: "Something went wrong within the service.",
  502: "The service cannot be reached.",
  503: "The service is starting or stopping.",
  504: "The service did not answer in time.",
};

const PAGE_AT_FAULT = {
  do: "Load this page again. If it happens again, tell whoever runs the service.",
  where: null,
};

/** What is said otherwise than the service says it, by the answer's code: its words there are for programs. */
export const CODES = {
  too_long: { title: "The answer took too long." },
  no_number: { title: "The model gave no number." },
  loading: { title: "The service is reading its model." },
  stopping: { title: "The service is being stopped." },
  no_token: { do: "Ask whoever started the service for the token, then load this page again.", where: null },
  no_pictures: {
    do: "Choose pictures such as PNG, JPEG, TIFF or BMP, a folder of them, or a zip.",
    where: null,
  },
  zip_refused: { do: "Unpack it, then choose the pictures or their folder.", where: null },
  no_form: PAGE_AT_FAULT,
  damaged_form: PAGE_AT_FAULT,
  unknown_field: PAGE_AT_FAULT,
  too_many_fields: PAGE_AT_FAULT,
  one_picture: PAGE_AT_FAULT,
  progress_key: PAGE_AT_FAULT,
};

/** What to do about it, where the service did not say. */
export const REMEDIES = {
  0: "See whether it still runs and whether you are connected, then try again. Your pictures are still here. Where a large upload broke off, send fewer at a time.",
  408: "Send fewer or smaller pictures at a time, or use a faster connection.",
  413: "Send fewer or smaller pictures.",
  429: "Wait a little, then try again. Your pictures are still here.",
  500: "Try again; if it happens again, tell whoever runs the service what you sent. Its log holds the time and the kind of the fault.",
  503: "Wait a little, then try again. Your pictures are still here.",
};
