// Slack: channels, the channel's cards, the open thread, and direct messages.

import { composer } from "./composer.js";
import { h, icon, langOf, oneStop, replace, roving, stickToEnd, sync } from "./dom.js";
import * as home from "./home.js";
import { items, make } from "./message.js";
import { act, announce, complain, nameOf, portrait, state } from "./store.js";
import { customerOf, lastSeen, markSeen, show, userName, view } from "./view.js";
import { said, worded } from "./words.js";

const DIRECT = "direct";
const parts = {};
const ends = new Map();
let started = false;

export function build() {
  parts.people = h("div.people", { role: "radiogroup", "aria-label": worded("You are") });
  parts.places = h("ul.places", { "aria-label": worded("Channels") });
  parts.title = h("h2", { id: "place-title" });
  parts.list = h("ol.messages", { "aria-labelledby": "place-title" });
  parts.write = composer({ label: worded("Message"), files: true, commands: true, mentions: true, send: (text, files) => say(text, null, files) });
  parts.note = h("div.note");
  parts.app = home.build();
  parts.threadTitle = h("h3", { id: "thread-title" }, worded("Thread"));
  parts.threadPlace = h("span.place");
  parts.replies = h("ol.messages", { "aria-labelledby": "thread-title" });
  parts.answer = composer({ label: worded("Reply…"), files: true, mentions: true, send: (text, files) => say(text, view.thread, files) });
  parts.thread = h("aside.thread", { "aria-labelledby": "thread-title" },
    h("header", {}, parts.threadTitle, parts.threadPlace,
      h("button.tool", { type: "button", "aria-label": worded("Close thread"), title: worded("Close thread"), onclick: closeThread }, icon("close", 20))),
    parts.replies, parts.answer.form);
  parts.thread.addEventListener("keydown", (event) => event.key === "Escape" && !view.editing && closeThread());
  for (const list of [parts.list, parts.replies]) {
    walk(list);
    ends.set(list, stickToEnd(list));
  }
  roving(parts.places, "button");
  roving(parts.people, "button", { across: true });
  return h("section.desk", { "aria-label": "Slack" },
    h("header.desk-bar", {}, h("span.workspace", {}, h("span.mark", { "aria-hidden": "true" }, "花"), "Hanako"), h("span.you", {}, worded("You are"), parts.people)),
    h("nav.sidebar", { "aria-label": "Slack" }, parts.places),
    h("div.channel", {}, h("header", {}, parts.title, parts.app.tabs), parts.app.page, parts.list, parts.note, parts.write.form),
    parts.thread);
}

function closeThread() {
  const ts = view.thread;
  show({ thread: null });
  queueMicrotask(() => queueMicrotask(() => parts.list.querySelector(`[data-ts="${CSS.escape(ts ?? "")}"]`)?.focus()));
}

// In a list of messages: Up and Down walk it, Enter opens the thread, and the tools of the focused message can be reached.
function walk(list) {
  roving(list, "li.message");
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("li.message")) return;
    event.target.querySelector("button.replies, .content .button")?.click();
  });
  list.addEventListener("focusin", (event) => {
    const message = event.target.closest("li.message");
    for (const tool of list.querySelectorAll(".tool")) tool.tabIndex = message?.contains(tool) ? 0 : -1;
  });
}

function say(text, thread, files) {
  const [command, ...rest] = text.split(" ");
  if (state.demo.commands.some((each) => each.name === command)) {
    if (thread !== null) return complain(said(`${command} is not supported in threads. Sorry!`, `${command}はスレッドでは使えません。`));
    return run(command, rest.join(" "));
  }
  const body = { user: view.person, channel: view.place, text, ...(files.length ? { files } : {}) };
  return act("slack/say", thread === null ? body : { ...body, thread_ts: thread });
}

// Slack gives an app three seconds to answer.
async function run(command, text) {
  const answer = await act("slack/command", { user: view.person, channel: view.place, command, text });
  if (answer.ok && answer.result[0] !== 200) complain(said(`${command} did not respond in time.`, `${command}が時間内に応答しませんでした。`));
}

export function draw() {
  if (!state.slack || !state.demo) return;
  view.place ??= state.demo.accounts[0]?.channel;
  drawPeople();
  drawPlaces();
  const direct = view.place === DIRECT;
  const messages = direct ? state.slack.dms[view.person] ?? [] : state.slack.messages[view.place] ?? [];
  drawTitle(direct);
  const atHome = home.draw(direct);
  parts.list.hidden = atHome;
  const lines = direct ? [] : mine().filter((line) => line.channel === view.place && !line.thread_ts);
  fill(parts.list, items(messages, lines, { pane: direct ? "dm" : "channel" }));
  if (messages.length && !atHome) markSeen(view.place, messages.at(-1).ts);
  parts.note.hidden = atHome || Boolean(messages.length + lines.length);
  if (!parts.note.hidden) drawNote(direct);
  parts.write.form.hidden = direct;
  drawThread(messages);
  started = true;
}

const mine = () => state.slack.ephemerals.filter((line) => line.user === view.person);

function drawPeople() {
  const known = state.demo.agents.map((each) => ({ key: each.id, signature: `${view.person === each.id}`, agent: each }));
  sync(parts.people, known, ({ agent }) => {
    const chosen = view.person === agent.id;
    const guest = state.slack.users.find((user) => user.id === agent.id)?.is_restricted;
    return h("button.person", { type: "button", role: "radio", "aria-checked": String(chosen), class: chosen ? "chosen" : "", onclick: () => show({ person: agent.id, editing: null }), tabIndex: chosen ? 0 : -1 },
      h("img", { src: portrait(agent.key), alt: "" }), h("span", {}, userName(agent.id)), guest ? h("small", {}, worded("guest")) : null);
  });
}

function drawPlaces() {
  const places = state.slack.channels.map((each) => {
    const newest = Number(state.slack.messages[each.id]?.at(-1)?.ts ?? 0);
    return { id: each.id, name: each.name, unread: newest > lastSeen(each.id) && each.id !== view.place, count: 0 };
  });
  const direct = state.slack.dms[view.person] ?? [];
  const count = view.place === DIRECT && view.tab === "messages" ? 0 : direct.filter((each) => Number(each.ts) > lastSeen(DIRECT)).length;
  places.push({ id: DIRECT, name: "Threadbridge", unread: count > 0, count, direct: true });
  const listed = places.map((each) => ({ key: each.id, signature: JSON.stringify([each, view.place]), ...each }));
  sync(parts.places, listed, (each) => h("li", { class: each.direct ? "direct" : "" },
    h("button", { type: "button", class: `${each.unread ? "unread" : ""} ${each.id === view.place ? "chosen" : ""}`, "aria-current": each.id === view.place ? "page" : undefined,
      onclick: () => show({ place: each.id, thread: null, ...(each.direct ? { tab: each.count ? "messages" : "home" } : {}) }), tabIndex: -1, data: { focus: "place" } },
    each.direct ? h("img", { src: "/page/logo.svg", alt: "" }) : icon("hash", 16), h("span", {}, each.name),
    each.count ? h("span.badge", {}, String(each.count)) : each.unread ? h("span.visually-hidden", {}, worded("unread")) : null)));
  oneStop(parts.places, "button", parts.places.querySelector(".chosen"));
}

function drawTitle(direct) {
  const channel = state.slack.channels.find((each) => each.id === view.place);
  const key = `${view.place}${channel?.name}${channel?.is_archived}`;
  if (parts.title.dataset.key === key) return;
  parts.title.dataset.key = key;
  replace(parts.title, direct ? h("img", { src: "/page/logo.svg", alt: "" }) : icon("hash", 18), direct ? "Threadbridge" : channel?.name ?? "", direct && h("span.app", {}, worded("APP")));
  parts.write.relabel(said(`Message #${channel?.name ?? ""}`, `#${channel?.name ?? ""} へのメッセージ`));
}

function drawNote(direct) {
  const channel = !direct && view.place !== state.demo.channels.alerts;
  const scene = channel && !state.scene.playing ? state.scene.scenes[0] : undefined;
  const key = `${view.place}${scene?.key}`;
  if (parts.note.dataset.key === key) return;
  parts.note.dataset.key = key;
  if (!channel) return replace(parts.note, worded(direct ? "What concerns one person is told to that person, here." : "All is well. What somebody must act on stands here."));
  return replace(parts.note, h("div.welcome", {},
    h("img", { src: "/page/logo.svg", alt: "" }),
    h("b", {}, worded("Nobody has written yet")),
    h("span", {}, worded("Write on the phone as a customer, and answer here as an agent. Or look on:")),
    scene && h("button.button.primary", { type: "button", onclick: () => act("scene", { play: scene.key }) }, said(`Play “${scene.name}”`, `「${worded(scene.name)}」を再生`))));
}

// Fill a list; it stays at its end when it was there.
function fill(list, wanted) {
  const place = `${view.place}/${list === parts.replies ? view.thread : ""}/${view.person}`;
  const moved = list.dataset.place !== place;
  list.dataset.place = place;
  if (moved) list.replaceChildren();
  const fresh = sync(list, wanted, make);
  oneStop(list, "li.message");
  ends.get(list).follow(moved);
  if (moved || !started) return;
  for (const element of fresh) if (element.matches("li.message")) element.classList.add("arrived");
  const told = wanted.filter((item) => fresh.some((element) => element.dataset.key === item.key) && item.message && item.message.user !== view.person);
  if (told.length) announce(told.map((item) => item.message.plain).join(". "));
}

function drawThread(messages) {
  const root = messages.find((each) => each.ts === view.thread);
  parts.thread.hidden = !root;
  parts.thread.parentElement.classList.toggle("threaded", Boolean(root));
  if (!root) return;
  const customer = customerOf(root);
  const lines = mine().filter((line) => line.channel === view.place && line.thread_ts === root.ts);
  const replies = [{ ...root, thread: undefined, reply_count: undefined }, ...root.thread];
  fill(parts.replies, withCount(items(replies, lines, { pane: "thread", days: false }), root));
  if (root.thread.length) markSeen(root.ts, root.thread.at(-1).ts);
  parts.threadPlace.textContent = customer ? nameOf(customer) : "";
  parts.threadPlace.lang = langOf(parts.threadPlace.textContent) ?? "";
  parts.answer.relabel(customer ? said(`Reply to ${nameOf(customer)}…`, `${nameOf(customer)}さんに返信…`) : worded("Reply…"));
  if (view.focusComposer) {
    view.focusComposer = false;
    parts.answer.box.focus();
  }
}

function withCount(listed, root) {
  const count = root.thread.length;
  if (!count) return listed;
  const words = count === 1 ? worded("1 reply") : said(`${count} replies`, `${count}件の返信`);
  const line = { key: "count", signature: words, words };
  return [listed[0], { ...line, day: undefined, divider: words }, ...listed.slice(1)];
}

// A scene's agent is seen typing.
export function playTyping(typing) {
  parts.answer.play(typing?.side === "agent" ? typing.text : null, typing?.seconds);
}


