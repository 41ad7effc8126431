/* Asking the service. The token is kept in memory only. */

import { CODES, FAULTS, REMEDIES } from "./words.js";

const MOST_WAITS = 5;
let token = null;
let askToken = async () => null;

/** Something that went wrong, in words: what, where, what to do. */
export class Problem extends Error {
  /** @param {{status?: number, code?: string, title?: string, what?: string, where?: string, do?: string}} said */
  constructor(said) {
    const here = CODES[said.code] ?? {};
    super(said.title ?? here.title ?? FAULTS[said.status] ?? "Something went wrong.");
    this.name = "Problem";
    this.status = said.status ?? null;
    this.code = said.code ?? null;
    this.what = said.what || null;
    this.where = ("where" in here ? here.where : said.where) || null;
    this.remedy = here.do || said.do || REMEDIES[said.status] || null;
    this.after = said.after ?? null;
  }
}

/** Somebody pressed Stop. */
export class Stopped extends Error {}

/** Say who asks a person for the token: a function from "was one refused" to the token, null for none. */
export function tokenFrom(asking) {
  askToken = asking;
}

/** GET; returns the answer's JSON. */
export const get = (path, watch = {}) => persistent("GET", path, null, watch);

/**
 * POST a form; returns the answer's JSON.
 * @param {string} path Such as "v1/cells".
 * @param {() => FormData} makeForm Makes the form; asked again where the request is repeated.
 * @param {{signal?: AbortSignal, sent?: (done: number, all: number) => void, waiting?: (seconds: number) => void,
 *   key?: string}} watch `key`: under which "v1/progress" tells how far the answer is.
 */
export const post = (path, makeForm, watch = {}) => persistent("POST", path, makeForm, watch);

async function persistent(method, path, makeForm, watch) {
  for (let waits = 0; ;) {
    try {
      return await once(method, path, makeForm === null ? null : makeForm(), watch);
    } catch (problem) {
      if (problem.status === 401) {
        const given = await askToken(token !== null);
        if (given === null) throw problem;
        token = given;
      } else if (problem.status === 429 && problem.after !== null && waits < MOST_WAITS) {
        waits += 1;
        await patience(problem.after, watch);
      } else throw problem;
    }
  }
}

function once(method, path, form, { signal, sent, key }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    if (token !== null) request.setRequestHeader("Authorization", `Bearer ${token}`);
    if (key) request.setRequestHeader("Progress-Key", key);
    if (sent) request.upload.onprogress = (event) => event.lengthComputable && sent(event.loaded, event.total);
    if (sent) request.upload.onload = () => sent(1, 1);
    request.onerror = () => reject(new Problem({ status: 0, code: "gone" }));
    request.onabort = () => reject(new Stopped());
    request.onload = () => settle(request, resolve, reject);
    if (signal?.aborted) return reject(new Stopped());
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    return request.send(form);
  });
}

function settle(request, resolve, reject) {
  let answer = null;
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    /* said below */
  }
  if (request.status === 200 && answer !== null) return resolve(answer);
  if (request.status === 200) {
    return reject(new Problem({ title: "The service's answer cannot be read.", do: "Load this page again." }));
  }
  const after = Number.parseFloat(request.getResponseHeader("Retry-After"));
  const said = answer?.error ?? {};
  return reject(
    new Problem({ ...said, title: undefined, status: request.status, after: Number.isFinite(after) ? after : null }),
  );
}

async function patience(seconds, { signal, waiting }) {
  for (let left = Math.max(Math.ceil(seconds), 1); left > 0; left -= 1) {
    waiting?.(left);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (signal?.aborted) throw new Stopped();
  }
}
