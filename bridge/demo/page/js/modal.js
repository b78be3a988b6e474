// Slack's windows (modals): the top one that the chosen person has open.

import { blocks, words } from "./blocks.js";
import { h, replace } from "./dom.js";
import { control, typed } from "./inputs.js";
import { act, state } from "./store.js";
import { view } from "./view.js";
import { said, worded } from "./words.js";

const dialog = h("dialog.modal", { "aria-labelledby": "modal-title" });
let shown = "";
let fields = new Map();

export function build() {
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    const top = topView();
    if (top) act("slack/close_view", { user: view.person, view_id: top.id });
  });
  return dialog;
}

const topView = () => state.slack?.views.filter((each) => each.user === view.person).at(-1);

export function draw() {
  const top = topView();
  const signature = top ? JSON.stringify([top.id, top.hash, top.errors]) : "";
  if (signature === shown) return;
  shown = signature;
  if (!top) return dialog.close();
  const values = dialog.open && dialog.dataset.view === top.id ? read() : {};
  const focused = dialog.open && dialog.contains(document.activeElement) ? document.activeElement.name : undefined;
  dialog.dataset.view = top.id;
  fields = new Map();
  replace(dialog, form(top, values));
  if (!dialog.open) dialog.showModal();
  const wrong = dialog.querySelector(".wrong :is(input, textarea, select)");
  // a button has no name: there is nothing to go back to
  (wrong ?? (focused ? dialog.querySelector(`[name="${CSS.escape(focused)}"]`) : null))?.focus();
  return undefined;
}

function form(top, values) {
  const close = () => act("slack/close_view", { user: view.person, view_id: top.id });
  const submit = (event) => {
    event.preventDefault();
    act("slack/submit_view", { user: view.person, view_id: top.id, values: filled() });
  };
  return h("form", { onsubmit: submit },
    h("header", {}, h("h2", { id: "modal-title" }, top.title.text)),
    h("div.modal-body", {}, top.blocks.map((block) => (block.type === "input" ? field(block, top, values[block.block_id]) : blocks([block], presses(top))))),
    h("footer", {}, h("button.button", { type: "button", onclick: close }, top.close?.text ?? worded("Close")), top.submit && h("button.button.primary", { type: "submit" }, top.submit.text)));
}

function presses(top) {
  return (block, element, value) => {
    const body = { user: view.person, view_id: top.id, action_id: element.action_id, block_id: block.block_id, typed: filled() };
    act("slack/click_view", value === undefined ? body : { ...body, value });
  };
}

function field(block, top, given) {
  const error = top.errors?.[block.block_id];
  const kept = top.state?.values?.[block.block_id]?.[block.element.action_id];
  // A choice that changes the window says so at once, as in Slack.
  const changed = block.dispatch_action ? (value) => presses(top)(block, block.element, value ?? null) : null;
  const made = control(block.element, given ?? typed(block.element, kept), { name: block.block_id, required: !block.optional, changed, label: undefined });
  fields.set(block.block_id, made);
  const several = made.root.matches(".boxes");
  if (several) made.root.setAttribute("aria-label", block.label.text);
  return h(several ? "div.field" : "label.field", { class: error ? "wrong" : "" }, h("b", {}, words(block.label)), made.root, block.hint && h("small", {}, words(block.hint)), error && h("span.error", { role: "alert" }, complaint(error)));
}

// Slack's own form speaks the page's language; what the app says stays as it is.
function complaint(error) {
  const length = /^At (most|least) (\d+) characters, please\.$/.exec(error);
  return length ? said(error, `${length[2]}文字${length[1] === "most" ? "以内" : "以上"}で入力してください。`) : error === "This is empty." ? worded("This is empty.") : error;
}

// What stands in each field; of one that somebody has emptied, "".
function read() {
  return Object.fromEntries([...fields].map(([name, made]) => [name, made.read() ?? ""]));
}

// The same as Slack tells it to the app.
function filled() {
  return Object.fromEntries(Object.entries(read()).map(([name, value]) => [name, value === "" ? null : value]));
}
