// Everything of Block Kit that somebody fills in or chooses from, as plain controls: https://docs.slack.dev/reference/block-kit

import { carried } from "./attach.js";
import { h, replace } from "./dom.js";
import { act, state } from "./store.js";
import { userName, view } from "./view.js";

const people = () => state.slack.users.filter((user) => !user.is_bot && !user.deleted).map((user) => ({ value: user.id, text: userName(user.id) }));
const places = () => state.slack.channels.filter((each) => !each.is_archived).map((each) => ({ value: each.id, text: `#${each.name}` }));
const groups = (shape) => shape.option_groups ?? [{ options: shape.options ?? [] }];
const offered = (shape) => groups(shape).flatMap((group) => group.options).map((each) => ({ value: each.value, text: each.text.text, more: each.description?.text }));
const valuesOf = (options) => options?.map((each) => each.value);

// What is offered, what is chosen at first, and where the desk keeps what is chosen, for each kind.
const CHOICES = {
  static_select: { from: offered, first: (shape) => shape.initial_option?.value, kept: (one) => one.selected_option?.value },
  external_select: { from: offered, first: (shape) => shape.initial_option?.value, kept: (one) => one.selected_option?.value },
  users_select: { from: people, first: (shape) => shape.initial_user, kept: (one) => one.selected_user },
  conversations_select: { from: places, first: (shape) => shape.initial_conversation, kept: (one) => one.selected_conversation },
  channels_select: { from: places, first: (shape) => shape.initial_channel, kept: (one) => one.selected_channel },
  radio_buttons: { from: offered, first: (shape) => shape.initial_option?.value, kept: (one) => one.selected_option?.value },
  checkboxes: { from: offered, first: (shape) => valuesOf(shape.initial_options), kept: (one) => valuesOf(one.selected_options), many: true },
  multi_static_select: { from: offered, first: (shape) => valuesOf(shape.initial_options), kept: (one) => valuesOf(one.selected_options), many: true },
  multi_users_select: { from: people, first: (shape) => shape.initial_users, kept: (one) => one.selected_users, many: true },
  multi_conversations_select: { from: places, first: (shape) => shape.initial_conversations, kept: (one) => one.selected_conversations, many: true },
  multi_channels_select: { from: places, first: (shape) => shape.initial_channels, kept: (one) => one.selected_channels, many: true },
};
const TYPED = {
  datepicker: { type: "date", first: (shape) => shape.initial_date, kept: (one) => one.selected_date },
  timepicker: { type: "time", first: (shape) => shape.initial_time, kept: (one) => one.selected_time },
  datetimepicker: { type: "datetime-local", first: (shape) => shape.initial_date_time, kept: (one) => one.selected_date_time },
  number_input: { type: "number" },
  email_text_input: { type: "email" },
  url_text_input: { type: "url" },
};

export const fillable = (kind) => kind in CHOICES || kind in TYPED || kind === "plain_text_input" || kind === "file_input";

// What stood in an element when the desk last heard of it.
export function typed(shape, kept) {
  if (!kept) return undefined;
  return (CHOICES[shape.type] ?? TYPED[shape.type])?.kept?.(kept) ?? kept.files ?? kept.value ?? undefined;
}

// control(shape, given): { root, read(), focusable }; several boxes are a group of their own.
export function control(shape, given, { name, required = false, changed = null, label = undefined } = {}) {
  const choice = CHOICES[shape.type];
  if (shape.type === "file_input") return chooser(shape, given, { name, required, label });
  if (choice?.many || shape.type === "radio_buttons") return boxes(shape, choice, given ?? choice.first(shape), { name, changed, label });
  const made = choice ? menu(shape, choice, given ?? choice.first(shape)) : field(shape, given);
  made.name = name ?? shape.action_id;
  made.required = required;
  if (label) made.setAttribute("aria-label", label);
  const read = () => valueOf(made);
  if (changed) made.addEventListener("change", () => changed(read()));
  return { root: made, read };
}

function boxes(shape, choice, chosen, { name, changed, label }) {
  const many = Boolean(choice.many);
  const first = new Set([chosen ?? []].flat());
  const root = h("div.boxes", { role: many ? "group" : "radiogroup", "aria-label": label },
    choice.from(shape).map((each) => h("label.box", {}, h("input", { type: many ? "checkbox" : "radio", name: name ?? shape.action_id, value: each.value, checked: first.has(each.value) }), h("span", {}, each.text, each.more && h("small", {}, each.more)))));
  const read = () => {
    const all = [...root.querySelectorAll("input:checked")].map((each) => each.value);
    return many ? all : all[0];
  };
  if (changed) root.addEventListener("change", () => changed(read()));
  return { root, read };
}

// Files go up as soon as they are chosen, as in Slack; the window tells the app of them.
function chooser(shape, given, { name, required, label }) {
  let held = given || [];
  const names = h("small", { role: "status" }, held.map((each) => each.name).join(", "));
  const input = h("input", { type: "file", name: name ?? shape.action_id, required: required && held.length === 0, multiple: (shape.max_files ?? 10) > 1 });
  input.accept = (shape.filetypes ?? []).map((each) => `.${each}`).join(",");
  if (label) input.setAttribute("aria-label", label);
  input.addEventListener("change", async () => {
    const sent = await Promise.all([...input.files].map(async (file) => act("slack/upload", { user: view.person, ...(await carried(file)) })));
    held = sent.filter((each) => each.ok).map((each) => each.result);
    replace(names, held.map((each) => each.name).join(", "));
  });
  return { root: h("span.files", {}, input, names), read: () => (held.length > 0 ? held : undefined) };
}

function menu(shape, choice, chosen) {
  const made = h("select", {}, h("option", { value: "" }, shape.placeholder?.text ?? ""),
    shape.option_groups
      ? shape.option_groups.map((group) => h("optgroup", { label: group.label.text }, group.options.map((each) => h("option", { value: each.value }, each.text.text))))
      : choice.from(shape).map((each) => h("option", { value: each.value }, each.text)));
  made.value = chosen ?? "";
  return made;
}

function field(shape, given) {
  const kind = TYPED[shape.type];
  const made = shape.multiline ? h("textarea", { rows: 5 }) : h("input", { type: kind?.type ?? "text" });
  const first = given ?? kind?.first?.(shape) ?? shape.initial_value ?? "";
  made.placeholder = shape.placeholder?.text ?? "";
  if (shape.type === "plain_text_input") made.maxLength = shape.max_length ?? 3000;
  if (shape.type === "number_input") {
    made.step = shape.is_decimal_allowed ? "any" : "1";
    made.min = shape.min_value ?? "";
    made.max = shape.max_value ?? "";
  }
  made.value = shape.type === "datetimepicker" && first ? localTime(Number(first)) : first;
  return made;
}

function valueOf(made) {
  if (!made.value) return undefined;
  return made.type === "datetime-local" ? Math.floor(new Date(made.value).getTime() / 1000) : made.value;
}

function localTime(seconds) {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

