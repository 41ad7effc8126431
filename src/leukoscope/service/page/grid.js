/* All cells as tiles: sorted, filtered, and walked through with the arrow keys. */

import { el, fill, say } from "./dom.js";
import { filtersOf, ordersOf } from "./sorting.js";
import { dress } from "./tile.js";
import { counted, titleOf } from "./words.js";

const AT_ONCE = 240;

/**
 * Show the cells.
 * @param {HTMLElement} within Where.
 * @param {{bundle: object, cells: object[], explained: string|null, labels: Map<number, string>, open: (cell: object, among: object[]) => void}} shown
 *   labels: the person's own, by place; open: what a click does.
 * @returns {{refresh: (cell: object) => void, focus: (cell: object) => void}}
 */
export function grid(within, shown) {
  const { bundle, cells, explained } = shown;
  const [orders, filters] = [ordersOf(shown), filtersOf(shown)];
  const state = { order: orders[0], filter: filters[0], shown: AT_ONCE, at: 0 };
  const list = el("ul", {
    class: "tiles",
    id: "tiles",
    "aria-label": "Cells",
    "aria-describedby": "grid-keys",
    onkeydown: (event) => walk(event),
  });
  const more = el("p", { class: "buttons" });
  const chips = el("div", { class: "chips", role: "group", "aria-label": "Which cells" });
  const select = el(
    "select",
    { id: "order", onchange: () => ((state.order = orders[Number(select.value)]), render()) },
    orders.map((order, place) => el("option", { value: place }, order.title)),
  );
  const most = Math.max(...cells.map((cell) => Math.abs(cell.evidence ?? 0)), 1e-9);
  const tiles = new Map();
  let among = [];

  const tile = (cell) => {
    if (!tiles.has(cell.place))
      tiles.set(
        cell.place,
        el("li", {}, el("button", { type: "button", class: "tile", tabindex: -1, onclick: () => choose(cell) })),
      );
    const item = tiles.get(cell.place);
    dress(item.firstChild, cell, shown, most);
    return item;
  };
  const choose = (cell) => {
    at(among.indexOf(cell));
    shown.open(cell, among);
  };
  const at = (place) => {
    tiles.get(among[state.at]?.place)?.firstChild.setAttribute("tabindex", -1);
    state.at = Math.max(Math.min(place, among.length - 1), 0);
    if (state.at >= state.shown) grow(state.at);
    tiles.get(among[state.at]?.place)?.firstChild.setAttribute("tabindex", 0);
  };
  const grow = (place) => {
    const before = state.shown;
    while (state.shown <= place) state.shown += AT_ONCE;
    list.append(...among.slice(before, state.shown).map(tile));
    showMore();
  };
  const showMore = () => {
    const left = among.length - state.shown;
    fill(
      more,
      left > 0 &&
        el(
          "button",
          {
            type: "button",
            onclick: () => {
              const first = state.shown;
              grow(first);
              at(first);
              tiles.get(among[first].place).firstChild.focus();
            },
          },
          `Show ${Math.min(AT_ONCE, left)} more of ${left.toLocaleString("en-GB")}`,
        ),
    );
  };
  const render = () => {
    among = cells.filter(state.filter.test).sort(state.order.compare);
    state.shown = AT_ONCE;
    fill(list, among.slice(0, AT_ONCE).map(tile));
    if (!among.length) fill(list, el("li", { class: "nothing" }, "No cell is like this."));
    for (const item of tiles.values()) item.firstChild.setAttribute("tabindex", -1);
    state.at = 0;
    at(0);
    showMore();
    renderChips();
  };
  const renderChips = () => {
    fill(
      chips,
      filters
        .map((filter) => ({ filter, number: cells.filter(filter.test).length }))
        .filter(({ filter, number }) => number || filter.always)
        .map(({ filter, number }) =>
          el(
            "button",
            {
              type: "button",
              class: "chip",
              "aria-pressed": filter === state.filter ? "true" : "false",
              onclick: () => pick(filter),
            },
            `${filter.title} `,
            el("span", { class: "count" }, number.toLocaleString("en-GB")),
          ),
        ),
    );
  };
  const pick = (filter) => {
    const had = [...chips.children].indexOf(document.activeElement);
    state.filter = filter;
    render();
    if (had >= 0) chips.children[had]?.focus();
    say(`${filter.title}: ${counted(among.length, "cell")} shown.`);
  };
  const walk = (event) => {
    const shownNow = [...list.children];
    const columns =
      Math.max(
        shownNow.findIndex((item) => item.offsetTop > shownNow[0].offsetTop),
        0,
      ) || shownNow.length;
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      PageDown: 5 * columns,
      PageUp: -5 * columns,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || !among.length) return;
    event.preventDefault();
    at(state.at + step);
    tiles.get(among[state.at].place).firstChild.focus();
  };

  fill(
    within,
    el(
      "div",
      { class: "grid-head" },
      chips,
      el("p", { class: "order" }, el("label", { for: "order" }, "Sorted by "), select),
    ),
    el(
      "p",
      { class: "hint", id: "grid-keys" },
      "Click a cell, or reach it with the arrow keys and press Enter, to see why.",
    ),
    explained && el("p", { class: "hint", id: "grid-numbers" }, numbersOf(bundle, titleOf(bundle, explained))),
    list,
    more,
  );
  render();
  return {
    refresh: (cell) => {
      if (tiles.has(cell.place)) dress(tiles.get(cell.place).firstChild, cell, shown, most);
      renderChips();
    },
    focus: (cell) => {
      const place = among.indexOf(cell);
      if (place < 0) return;
      at(place);
      tiles.get(cell.place).firstChild.focus();
    },
  };
}

/** What the numbers on the tiles are, and how they make the patient's. */
const numbersOf = (bundle, title) =>
  bundle.task === "patients"
    ? `The number is what a cell adds: above 0 it speaks for “${title}”, below 0 against.`
    : `The number is the probability of “${title}” for this cell by itself; the patient's is the mean of all cells'.`;
