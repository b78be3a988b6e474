// Slack's windows (modals): the top one that the chosen person has open.

import { blocks, words } from "./blocks.js";
import { h, replace } from "./dom.js";
import { act, state } from "./store.js";
import { view } from "./view.js";
import { worded } from "./words.js";

const dialog = h("dialog.modal", { "aria-labelledby": "modal-title" });
let shown = "";

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
  dialog.dataset.view = top.id;
  replace(dialog, form(top, values));
  if (!dialog.open) dialog.showModal();
  return undefined;
}

function form(top, values) {
  const close = () => act("slack/close_view", { user: view.person, view_id: top.id });
  const submit = (event) => {
    event.preventDefault();
    act("slack/submit_view", { user: view.person, view_id: top.id, values: read() });
  };
  return h("form", { onsubmit: submit },
    h("header", {}, h("h2", { id: "modal-title" }, top.title.text)),
    h("div.modal-body", {}, top.blocks.map((block) => (block.type === "input" ? field(block, top, values[block.block_id] ?? typed(top, block)) : blocks([block], presses(top))))),
    h("footer", {}, h("button.button", { type: "button", onclick: close }, top.close?.text ?? worded("Close")), top.submit && h("button.button.primary", { type: "submit" }, top.submit.text)));
}

function presses(top) {
  return (block, element, value) => {
    const body = { user: view.person, view_id: top.id, action_id: element.action_id, block_id: block.block_id };
    act("slack/click_view", value === undefined ? body : { ...body, value });
  };
}

// What was chosen before the window changed.
function typed(top, block) {
  const kept = top.state?.values?.[block.block_id]?.[block.element.action_id];
  return kept?.selected_option?.value ?? kept?.selected_user ?? kept?.selected_conversation ?? kept?.selected_date_time ?? kept?.value;
}

function field(block, top, given) {
  const error = top.errors?.[block.block_id];
  const control = input(block.element, given);
  // A choice that changes the window says so at once, as in Slack.
  if (block.dispatch_action) control.addEventListener("change", () => presses(top)(block, block.element, control.value));
  control.name = block.block_id;
  control.required = !block.optional;
  return h("label.field", { class: error ? "wrong" : "" }, h("b", {}, words(block.label)), control, block.hint && h("small", {}, words(block.hint)), error && h("span.error", { role: "alert" }, error));
}

function input(element, given) {
  const options = element.options ?? [];
  if (element.type === "static_select" || element.type === "radio_buttons") {
    const made = h("select", {}, h("option", { value: "" }, element.placeholder?.text ?? ""), options.map((each) => h("option", { value: each.value }, each.text.text)));
    made.value = given ?? element.initial_option?.value ?? "";
    return made;
  }
  if (element.type === "users_select") {
    const made = h("select", {}, h("option", { value: "" }, ""), state.slack.users.filter((user) => !user.is_bot).map((user) => h("option", { value: user.id }, user.real_name)));
    made.value = given ?? element.initial_user ?? "";
    return made;
  }
  if (element.type === "conversations_select" || element.type === "channels_select") {
    const made = h("select", {}, h("option", { value: "" }, ""), state.slack.channels.map((each) => h("option", { value: each.id }, `#${each.name}`)));
    made.value = given ?? element.initial_conversation ?? element.initial_channel ?? "";
    return made;
  }
  if (element.type === "datetimepicker") {
    const made = h("input", { type: "datetime-local" });
    const at = given ?? element.initial_date_time;
    if (at) made.value = localTime(Number(at));
    return made;
  }
  const made = element.multiline ? h("textarea", { rows: 5 }) : h("input", { type: element.type === "number_input" ? "number" : "text" });
  made.placeholder = element.placeholder?.text ?? "";
  made.value = given ?? element.initial_value ?? "";
  return made;
}

function read() {
  const fields = [...dialog.querySelectorAll("[name]")];
  return Object.fromEntries(fields.filter((each) => each.value).map((each) => [each.name, valueOf(each)]));
}

const valueOf = (control) => (control.type === "datetime-local" ? Math.floor(new Date(control.value).getTime() / 1000) : control.value);

function localTime(seconds) {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
