/* One cell in full: picture and heat map, classes, nearest reference cells, what was flagged, and the person's own label. */

import { Stopped } from "./api.js";
import { classBar } from "./answer.js";
import { chooser, figure, nearest } from "./cell_parts.js";
import { figureOf, flagsOf, urlOf } from "./cells.js";
import { el, fill, listening, say } from "./dom.js";
import { numbered, postPictures } from "./sending.js";
import { showProblem } from "./trouble.js";
import { methodTitle, positiveOf, titleOf } from "./words.js";

const MOST_CLASSES = 6;
const STAYED = 200; // ms; whoever walks through the cells asks about those alone at which they stay

/**
 * Make the dialog.
 * @param {{bundle: object, facts: object, explained: string|null, labels: Map<number, string>,
 *   labelled: (cell: object, label: string|null) => void, closed: (cell: object) => void}} shown
 * @returns {{open: (cell: object, among: object[]) => void, remove: () => void}}
 */
export function cellDialog(shown) {
  const { bundle } = shown;
  const answers = new Map();
  const state = {
    cell: null,
    among: [],
    method: bundle.methods?.[0] ?? null,
    of: positiveOf(bundle)?.name ?? null,
    stop: null,
  };
  const heading = el("h2", { id: "cell-title" });
  const [name, body, counter] = [
    el("p", { class: "cell-name" }),
    el("div", { class: "cell-body" }),
    el("span", { class: "cell-counter" }),
  ];
  const go = (step) => {
    const next = state.among[state.among.indexOf(state.cell) + step];
    if (!next) return;
    show(next);
    const called = next.called && `called ${titleOf(bundle, next.called)}`;
    say([`Cell ${next.place + 1}`, next.problem ? "cannot be used" : called].filter(Boolean).join(", "));
  };
  const [before, after] = [-1, 1].map((step) =>
    el("button", { type: "button", class: "quiet", onclick: () => go(step) }, step < 0 ? "← Previous" : "Next →"),
  );
  const dialog = el(
    "dialog",
    {
      class: "cell screen",
      "aria-labelledby": "cell-title",
      onkeydown: (event) => keys(event),
      onclick: (event) => event.target === dialog && dialog.close(),
    },
    el(
      "div",
      { class: "cell-inside" },
      el(
        "div",
        { class: "cell-head" },
        heading,
        el("button", { type: "button", class: "quiet close", onclick: () => dialog.close() }, "Close"),
      ),
      name,
      body,
      el("div", { class: "cell-foot" }, before, counter, after),
      listening(),
    ),
  );
  dialog.addEventListener("close", () => {
    state.stop?.abort();
    shown.closed(state.cell);
  });
  const keys = (event) => {
    if (event.target.tagName === "SELECT" || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(step);
  };

  const show = (cell) => {
    state.stop?.abort();
    state.cell = cell;
    const place = state.among.indexOf(cell);
    heading.textContent = `Cell ${cell.place + 1}`;
    name.textContent = cell.name;
    counter.textContent = `${place + 1} of ${state.among.length}`;
    // A button that is disabled loses the focus to nowhere.
    if (
      (place === 0 && document.activeElement === before) ||
      (place === state.among.length - 1 && document.activeElement === after)
    )
      heading.parentElement.lastChild.focus();
    [before.disabled, after.disabled] = [place === 0, place === state.among.length - 1];
    const why = el("div", { class: "why-cell" });
    fill(body, left(cell, why), why);
    fill(why, facts(cell));
    body.parentElement.scrollTop = 0;
    if (!cell.problem) explain(cell, why);
  };

  const left = (cell, why) => {
    const again = () => explain(cell, why);
    return el(
      "div",
      { class: "seen" },
      el(
        "div",
        { class: "pair", id: "pair" },
        figure(cell.file && !cell.problem ? urlOf(cell.file) : null, "As sent", cell),
      ),
      el("p", { class: "map-words", id: "map-words" }),
      !cell.problem && cell.file && el("div", { class: "asks" }, methods(again), classes(again)),
      !cell.problem && ownLabel(cell),
    );
  };

  const methods = (again) =>
    (bundle.methods ?? []).length > 1 &&
    chooser(
      "map-method",
      "Heat map",
      bundle.methods.map((one) => [one, methodTitle(one)]),
      state.method,
      (value) => ((state.method = value), again()),
    );
  const classes = (again) =>
    chooser(
      "map-class",
      "of the class",
      [
        ...(positiveOf(bundle) ? [] : [["", "the most probable one"]]),
        ...bundle.classes.map((one) => [one.name, one.title || one.name]),
      ],
      state.of ?? "",
      (value) => ((state.of = value || null), again()),
    );

  const ownLabel = (cell) =>
    el(
      "div",
      { class: "own-label" },
      chooser(
        "own-label",
        "Your label",
        [["", "none given"], ...bundle.classes.map((one) => [one.name, one.title || one.name])],
        shown.labels.get(cell.place) ?? "",
        (value) => shown.labelled(cell, value || null),
      ),
      el(
        "p",
        { class: "hint" },
        "What you say this cell is, whether or not the model agrees. It changes nothing in the model; the labels can be downloaded for the next training.",
      ),
    );

  const facts = (cell) => {
    const figure = figureOf(cell, bundle, shown.explained);
    const flags = flagsOf(cell, bundle);
    const cannot =
      bundle.flags === false && !cell.problem
        ? ["This model cannot tell whether a cell is unlike those that it learned from."]
        : [];
    return [
      figure && el("p", { class: "figure-words" }, el("strong", {}, figure.text), ` ${figure.what}`),
      cell.called &&
        el(
          "p",
          {},
          "Called ",
          el("strong", {}, titleOf(bundle, cell.called)),
          cell.referred ? ", but not sure enough of it" : "",
        ),
      el("h3", {}, "Flagged"),
      flags.length
        ? el(
            "ul",
            { class: "flags" },
            flags.map((sentence) => el("li", {}, sentence)),
          )
        : el(
            "p",
            { class: "hint" },
            cannot[0] ??
              (cell.distance === null
                ? "Nothing."
                : `Nothing. Its distance to the cells learned from is ${cell.distance.toFixed(2)}; 1.00 is the limit.`),
          ),
    ];
  };

  const explain = async (cell, why) => {
    state.stop?.abort();
    const stop = (state.stop = new AbortController());
    const [method, of] = [state.method, state.of];
    const key = JSON.stringify([cell.place, method, of]);
    const current = () => state.cell === cell && !stop.signal.aborted;
    if (!cell.file)
      return fill(
        why,
        facts(cell),
        el(
          "p",
          { class: "hint" },
          "This picture went to the service within a zip that the browser cannot unpack, so its heat map cannot be shown here.",
        ),
      );
    if (!answers.has(key)) {
      fill(
        why,
        facts(cell),
        el("p", { class: "asking" }, "Asking the model why. This may take some seconds."),
      );
      try {
        await new Promise((resolve) => setTimeout(resolve, STAYED));
        if (!current()) return undefined;
        const others = { ...(method && { method }), ...(of && { class: of }) };
        if (bundle.task === "patients") others.facts = JSON.stringify(shown.facts);
        const picture = numbered(cell, cell.place);
        answers.set(key, await postPictures("v1/explain", "picture", [picture], others, { signal: stop.signal }));
      } catch (problem) {
        if (problem instanceof Stopped || !current()) return undefined;
        const box = el("div");
        fill(why, facts(cell), box);
        const retry = () => explain(cell, why);
        return showProblem(box, problem, retry);
      }
    }
    return current() ? render(cell, why, answers.get(key)) : undefined;
  };

  const render = (cell, why, answer) => {
    const pair = body.querySelector("#pair");
    fill(
      pair,
      figure(answer.picture ?? urlOf(cell.file), "As the network saw it", cell),
      answer.map && figure(answer.map, `Heat map: ${titleOf(bundle, answer.shown)}`, cell, true),
    );
    body.querySelector("#map-words").textContent = answer.what ?? "";
    fill(
      why,
      facts(cell),
      el("h3", {}, "Most probable classes"),
      el(
        "ul",
        { class: "class-bars", id: "top-classes" },
        (answer.classes ?? [])
          .slice(0, MOST_CLASSES)
          .map((one) => classBar(one.title || titleOf(bundle, one.name), one.probability)),
      ),
      nearest(bundle, answer.nearest ?? []),
    );
    say(answer.map ? `Heat map for ${titleOf(bundle, answer.shown)} shown.` : "There is no heat map for this model.");
  };

  document.body.append(dialog);
  return {
    open: (cell, among) => {
      state.among = among;
      show(cell);
      if (!dialog.open) dialog.showModal();
    },
    remove: () => dialog.remove(),
  };
}
