// What may be done with one bubble: react, reply, edit, unsend. Opened by its button, a long press, a right click or Enter.

import { h, icon, replace, roving } from "./dom.js";
import { said } from "./words.js";

export const REACTIONS = [["love", "❤️"], ["laugh", "😂"], ["wow", "😮"], ["sad", "😢"], ["like", "👍"]];
const LONG = 450;
const EDITS = 5;

// does: what the entries do, by name, each with the bubble.
export function bubbleMenu(does) {
  const root = h("div.bubble-menu", { role: "menu", "aria-label": said("This message", "このメッセージ"), hidden: true });
  let opener = null;
  roving(root, "button");

  function close(back = true) {
    if (root.hidden) return;
    root.hidden = true;
    if (back) opener?.focus({ preventScroll: true });
  }

  function open(one, element) {
    const mine = one.reactions?.customer;
    const own = one.from === "customer";
    const entry = (sign, word, name, small) => h("button.entry", { type: "button", role: "menuitem", tabIndex: -1, onclick: () => { close(name !== "reply" && name !== "edit"); does[name](one); } },
      icon(sign, 17), h("span", {}, word, small && h("small", {}, small)));
    replace(root,
      h("div.react", { role: "group", "aria-label": said("React", "リアクション") }, REACTIONS.map(([name, sign]) =>
        h("button", { type: "button", role: "menuitemcheckbox", "aria-label": name, "aria-checked": String(mine === sign), tabIndex: -1, onclick: () => { close(); does.react(one, name, sign); } }, sign))),
      entry("reply", said("Reply", "返信"), "reply"),
      own && one.text && one.kind === "text" && one.edited < EDITS && entry("edit", said("Edit", "編集"), "edit", said(`${EDITS - one.edited} left`, `あと${EDITS - one.edited}回`)),
      own && one.kind !== "postback" && entry("trash", said("Unsend", "送信を取り消す"), "unsend"),
      own && one.kind !== "postback" && entry("trash", said("Unsend on the web", "ウェブ版で送信を取り消す"), "vanish", said("tells no webhook", "Webhookは届きません")));
    opener = element;
    root.hidden = false;
    place(element);
    root.querySelector("button").focus({ preventScroll: true });
  }

  function place(element) {
    const screen = root.offsetParent.getBoundingClientRect();
    const box = element.querySelector(".bubble-body").getBoundingClientRect();
    const tall = root.offsetHeight;
    const below = box.bottom - screen.top + 4;
    const top = below + tall < screen.height - 60 ? below : Math.max(52, box.top - screen.top - tall - 4);
    root.style.top = `${top}px`;
    const own = element.classList.contains("own");
    root.style.left = own ? "auto" : "42px";
    root.style.right = own ? "12px" : "auto";
  }

  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); event.stopPropagation(); close(); }
    const faces = [...root.querySelectorAll(".react button")];
    const at = faces.indexOf(event.target);
    if (at < 0) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") faces[Math.max(0, Math.min(faces.length - 1, at + (event.key === "ArrowRight" ? 1 : -1)))].focus();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); event.stopImmediatePropagation(); if (event.key === "ArrowDown") root.querySelector(".entry")?.focus(); }
  }, true);
  document.addEventListener("pointerdown", (event) => !root.hidden && !root.contains(event.target) && close(false));

  // Make a bubble answer to its button, a long press, a right click, Enter, and two quick taps for a heart.
  function attend(element, one) {
    let timer;
    const stop = () => clearTimeout(timer);
    const body = element.querySelector(".bubble-body");
    body.addEventListener("pointerdown", (event) => event.pointerType !== "mouse" && (timer = setTimeout(() => open(one, element), LONG)));
    for (const name of ["pointerup", "pointerleave", "pointercancel"]) body.addEventListener(name, stop);
    body.addEventListener("contextmenu", (event) => { event.preventDefault(); open(one, element); });
    body.addEventListener("dblclick", () => does.react(one, ...REACTIONS[0]));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== element) return;
      event.preventDefault(); // or the entry that gets the focus would be pressed by the same key
      open(one, element);
    });
    element.append(h("button.dots", { type: "button", "aria-label": said("React, reply, unsend…", "リアクション・返信・送信取り消し…"), "aria-haspopup": "menu", tabIndex: -1, data: { focus: "dots" }, onclick: () => open(one, element) }, icon("dots", 16, true)));
    return element;
  }

  return { root, attend, close };
}
