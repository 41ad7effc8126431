/* The form of a patient's facts, made from what the bundle asks for. */

import { el, fill } from "./dom.js";
import { spelt } from "./words.js";

/**
 * Make the form.
 * @param {HTMLElement} within Where.
 * @param {object[]} facts As `v1/bundle` lists them.
 * @returns {{read: () => {values: object, stated: {title: string, value: string}[], wrong: HTMLElement|null},
 *   set: (values: object) => void, filled: () => boolean}} filled: whether anything is stated.
 */
export function factsForm(within, facts) {
  const fields = facts.map((fact) => (fact.kind === "choice" ? choice(fact) : number(fact)));
  fill(
    within,
    el("p", { class: "hint" }, "Leave open what is not known: the model then goes by the rest."),
    el(
      "div",
      { class: "facts-grid" },
      fields.map((field) => field.element),
    ),
  );
  return {
    read: () => {
      const said = fields.map((field) => field.read());
      const known = said.filter((one) => one.value !== null);
      return {
        values: Object.fromEntries(known.map((one) => [one.name, one.value])),
        stated: said.map(({ title, shown }) => ({ title, value: shown })),
        wrong: said.find((one) => one.wrong)?.wrong ?? null,
      };
    },
    set: (values) => fields.forEach((field) => field.set(values[field.name] ?? null)),
    filled: () => [...within.querySelectorAll("input, select")].some((one) => one.value !== ""),
  };
}

function number(fact) {
  const id = `fact-${fact.name}`;
  const input = el("input", {
    id,
    type: "text",
    inputmode: "decimal",
    placeholder: "not known",
    "aria-describedby": `${id}-hint ${id}-wrong`,
    // Not said before the question is asked: a line that appears while the button is pressed moves it from under the mouse.
    oninput: () => show(null),
  });
  const wrong = el("p", { id: `${id}-wrong`, class: "wrong", role: "alert" });
  const show = (sentence) => {
    wrong.textContent = sentence ?? "";
    if (sentence) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  const element = el(
    "div",
    { class: "fact" },
    el("label", { for: id }, titleOf(fact)),
    el("span", { class: "with-unit" }, input, fact.unit && el("span", { class: "unit" }, fact.unit)),
    el("p", { id: `${id}-hint`, class: "hint" }, [range(fact), learned(fact)].filter(Boolean).join("; ")),
    wrong,
  );
  const read = () => {
    const sentence = fault(fact, input.value);
    show(sentence);
    const text = plain(input.value);
    const value = text === "" || sentence ? null : Number(text);
    const shown = value === null ? "not known" : [text, fact.unit].filter(Boolean).join("\u00a0");
    return { name: fact.name, title: titleOf(fact), value, shown, wrong: sentence ? input : null };
  };
  return { name: fact.name, element, read, set: (value) => ((input.value = value ?? ""), show(null)) };
}

function choice(fact) {
  const id = `fact-${fact.name}`;
  const select = el(
    "select",
    { id },
    el("option", { value: "" }, "not known"),
    (fact.choices ?? []).map((one, place) => el("option", { value: place }, String(one))),
  );
  const element = el(
    "div",
    { class: "fact" },
    el("label", { for: id }, titleOf(fact)),
    select,
  );
  const read = () => {
    const value = select.value === "" ? null : fact.choices[Number(select.value)];
    return {
      name: fact.name,
      title: titleOf(fact),
      value,
      shown: value === null ? "not known" : String(value),
      wrong: null,
    };
  };
  return {
    name: fact.name,
    element,
    read,
    set: (value) => (select.value = value === null ? "" : fact.choices.indexOf(value)),
  };
}

const titleOf = (fact) => fact.title || spelt(fact.name);
const known = (bound) => bound !== null && bound !== undefined;

/** "7,5" is how half of Europe writes 7.5; "7,500" could be either, so it is not guessed at. */
const plain = (text) => (/^[^,]*,\d{1,2}$/.test(text.trim()) ? text.trim().replace(",", ".") : text.trim());

function range(fact) {
  if (known(fact.low) && known(fact.high)) return `${fact.low} to ${fact.high}`;
  if (known(fact.low)) return `${fact.low} or more`;
  return known(fact.high) ? `up to ${fact.high}` : "";
}

function learned(fact) {
  const bounds = [fact.training_low, fact.training_high];
  return bounds.every(known) ? `learned from ${bounds.map((one) => Number(one.toPrecision(3))).join(" to ")}` : "";
}

function fault(fact, text) {
  const stated = plain(text);
  if (stated === "") return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(stated)) return `“${text.trim()}” is no number. Write it like 7.5.`;
  const value = Number(stated);
  const outside = (known(fact.low) && value < fact.low) || (known(fact.high) && value > fact.high);
  return outside ? `This should be ${range(fact)}${fact.unit ? ` ${fact.unit}` : ""}. Is the unit right?` : null;
}
