// What Slack offers while somebody types a slash command: the app's commands and their words, in a list above the box.

import { h, replace } from "./dom.js";
import { state } from "./store.js";
import { worded } from "./words.js";

const MORE = "…";
let made = 0;

// choose(text): what is to stand in the box. The list belongs to `box`, which keeps the focus.
export function slash(box, choose) {
  const name = `slash-${(made += 1)}`;
  const list = h("ul.slash", { id: name, role: "listbox", "aria-label": worded("Commands"), hidden: true });
  let offered = [];
  let at = -1;

  box.setAttribute("aria-controls", name);
  box.setAttribute("aria-autocomplete", "list");

  function draw() {
    offered = wanted(box.value);
    at = -1;
    list.hidden = offered.length === 0;
    replace(list, offered.map((each, number) => h("li", { role: "option", id: `${name}-${number}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); take(number); } },
      h("b", {}, each.text), number ? null : h("small", {}, each.about))));
    mark();
  }

  function mark() {
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    if (at < 0) return box.removeAttribute("aria-activedescendant");
    list.children[at].scrollIntoView({ block: "nearest" });
    return box.setAttribute("aria-activedescendant", `${name}-${at}`);
  }

  function close() {
    list.hidden = true;
    offered = [];
    at = -1;
    box.removeAttribute("aria-activedescendant");
  }

  function take(number) {
    const { text } = offered[number];
    close();
    choose(text.endsWith(MORE) ? text.slice(0, -MORE.length) : text);
    box.focus();
  }

  // Up and Down walk the list, Tab or Enter takes what is marked (Tab the first), Escape closes it.
  function keydown(event) {
    if (list.hidden || event.isComposing) return;
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? offered.length - 1 : at - 1 }[event.key];
    if (to !== undefined) {
      at = Math.max(0, Math.min(to, offered.length - 1));
      mark();
    } else if (event.key === "Escape") close();
    else if (event.key === "Tab" && !event.shiftKey) take(Math.max(at, 0));
    else if (event.key === "Enter" && at >= 0) take(at);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  box.addEventListener("input", draw);
  box.addEventListener("keydown", keydown);
  box.addEventListener("blur", close);
  return { list, close };
}

// Those that begin with what stands there; none once it is all there.
function wanted(text) {
  if (!text.startsWith("/") || text.includes("\n")) return [];
  const all = (state.demo?.commands ?? []).flatMap((command) => command.words.map((word) => ({ text: `${command.name} ${word}`, about: command.about })));
  const typed = text.toLowerCase();
  return all.filter((each) => each.text.startsWith(typed) && each.text !== typed);
}
