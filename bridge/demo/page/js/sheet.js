// The phone's "+" sheet: a grid of tiles that slides up; Escape closes it, the arrows walk it.

import { h, icon, replace } from "./dom.js";
import { offered, wordOf } from "./kinds.js";
import { said, tileSaid } from "./words.js";

const ACROSS = 4;

// choose(tile): what a tile does once it is chosen.
export function sheet(choose) {
  const body = h("div.sheet-body", { role: "menu", "aria-label": said("Do something else", "ほかの操作") });
  const root = h("div.sheet", { hidden: true }, h("div.sheet-shade", { onclick: () => set(false) }), h("div.sheet-paper", {}, h("span.grip", { "aria-hidden": "true" }), body));
  const button = h("button.plus", { type: "button", "aria-label": said("Do something else", "ほかの操作"), "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => set(root.hidden) }, icon("plus", 18));
  let shownFor = null;

  function set(open, back = true) {
    if (open && shownFor) replace(body, offered(shownFor).map((group) => section(group, shownFor)));
    root.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) body.querySelector("button")?.focus();
    else if (back) button.focus();
  }

  function section(group, customer) {
    return h("div.sheet-group", { role: "group", "aria-label": tileSaid(group.name) }, h("h4", {}, tileSaid(group.name)),
      h("div.tiles", {}, group.tiles.map((tile) => h("button.tile", { type: "button", role: "menuitem", tabIndex: -1, data: { tile: tile.key }, onclick: () => { set(false, !tile.mode); choose(tile); } },
        h("span.coin", { "aria-hidden": "true" }, icon(tile.sign, 20)), h("span", {}, tileSaid(wordOf(tile, customer)))))));
  }

  // Left and Right go one by one, Up and Down by rows, as the eye sees them.
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); return set(false); }
    if (event.key === "Tab") { event.preventDefault(); return set(false); }
    const all = [...body.querySelectorAll("button")];
    const at = all.indexOf(event.target);
    if (at < 0) return undefined;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: beside(all, at, -1), ArrowDown: beside(all, at, 1), Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return undefined;
    event.preventDefault();
    return all[Math.max(0, Math.min(to, all.length - 1))].focus();
  });

  function beside(all, at, way) {
    const { offsetLeft, offsetTop } = all[at];
    for (let step = 1; step <= ACROSS * 2; step += 1) {
      const other = all[at + step * way];
      if (other && other.offsetTop !== offsetTop && other.offsetLeft <= offsetLeft && (way < 0 || other.offsetLeft === offsetLeft)) return at + step * way;
    }
    return at + way;
  }

  return { root, button, close: () => !root.hidden && set(false), of: (customer) => (shownFor = customer) };
}
