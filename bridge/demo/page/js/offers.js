// What Slack offers while somebody types, in a list above the box that keeps the focus: commands and their words, or people after an @.

import { h, replace } from "./dom.js";
import { worded } from "./words.js";

let made = 0;

// kinds: functions of what stands in the box and of where the caret is; each gives what is offered, or nothing: `label`, `options`
// with `text`, `about` and `filled` (what is to stand in the box, and where the caret), and `ready` where Enter takes the first.
export function offers(box, kinds, choose) {
  const name = `offers-${(made += 1)}`;
  const list = h("ul.offers", { id: name, role: "listbox", hidden: true });
  let offered = [];
  let at = -1;

  box.setAttribute("aria-controls", name);
  box.setAttribute("aria-autocomplete", "list");

  function draw() {
    const found = kinds.map((kind) => kind(box.value, box.selectionStart)).find((each) => each?.options.length);
    offered = found?.options ?? [];
    at = found?.ready ? 0 : -1;
    list.hidden = offered.length === 0;
    if (found) list.setAttribute("aria-label", worded(found.label));
    replace(list, offered.map((each, number) => h("li", { role: "option", id: `${name}-${number}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); take(number); } },
      h("b", {}, each.text), each.about ? h("small", {}, each.about) : null)));
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
    const { value, caret } = offered[number].filled;
    close();
    choose(value);
    box.focus();
    box.setSelectionRange(caret, caret);
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
    else if (event.key === "Enter" && !event.shiftKey && at >= 0) take(at);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  box.addEventListener("input", draw);
  box.addEventListener("keydown", keydown);
  box.addEventListener("blur", close);
  return { list, close };
}
