/* Saying what went wrong, and asking for the token. */

import { Problem } from "./api.js";
import { el, fill, say } from "./dom.js";

const UNFIT = /[^\x20-\x7e\xa0-\xff]/; // what a browser refuses to put into a request's header

/**
 * Show a problem; focus goes to it.
 * @param {HTMLElement} within Where.
 * @param {Error} problem A `Problem`, or a fault of this page.
 * @param {(() => void)|null} again What "Try again" does; no button where null.
 */
export function showProblem(within, problem, again = null) {
  const known = problem.name === "Problem";
  if (!known) console.error(problem);
  const title = known ? problem.message : "This page made a mistake.";
  const remedy = known ? problem.remedy : "Load the page again. If it happens again, tell whoever runs the service.";
  const box = el(
    "div",
    { class: "problem", role: "alert", tabindex: -1 },
    el("h3", {}, title),
    problem.what && el("p", {}, problem.what),
    problem.where && el("p", { class: "where" }, problem.where),
    remedy && el("p", { class: "do" }, remedy),
    again && el("p", { class: "buttons" }, el("button", { type: "button", onclick: again }, "Try again")),
  );
  fill(within, box);
  say(title);
  box.focus();
  box.scrollIntoView?.({ block: "nearest" });
}

/**
 * A handler that does something and says so where it cannot.
 * @param {HTMLElement} within Where it is said.
 * @param {string} title What came to nothing.
 * @param {() => Promise<void>} task What is done.
 */
export const attempt = (within, title, task) => async () => {
  fill(within);
  try {
    await task();
  } catch (fault) {
    const remedy = "Try again. If pictures were moved or changed since you chose them, choose them anew.";
    showProblem(within, new Problem({ title, what: fault.message, do: remedy }));
  }
};

/**
 * Ask for the token in a dialog.
 * @param {boolean} refused Whether the last one was not accepted.
 * @returns {Promise<string|null>} The token; null where the person would not give one.
 */
export function askForToken(refused) {
  return new Promise((resolve) => {
    let given = null;
    const input = el("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false" });
    const wrong = el(
      "p",
      { class: "wrong", role: "alert", id: "token-wrong" },
      refused ? "That token was not accepted." : "",
    );
    input.setAttribute("aria-describedby", "token-wrong");
    const take = (event) => {
      event.preventDefault();
      given = input.value.trim();
      const fits = !UNFIT.test(given);
      if (given && fits) return dialog.close();
      given = null;
      wrong.textContent = fits
        ? "Type the token, or press Cancel."
        : "That holds a sign that no token can have. Copy the token once more.";
      return input.focus();
    };
    const dialog = el(
      "dialog",
      { class: "token screen", "aria-labelledby": "token-title" },
      el("h2", { id: "token-title" }, "This service asks for a token"),
      el("p", {}, "Whoever started the service can tell you. It is kept until you close this page, and not stored."),
      el(
        "form",
        { onsubmit: take, autocomplete: "off" },
        el("label", { for: "token" }, "Token"),
        input,
        wrong,
        el(
          "p",
          { class: "buttons" },
          el("button", { type: "submit", class: "primary" }, "Go on"),
          el("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(given);
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
