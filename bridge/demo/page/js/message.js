// One message of Slack, wherever it stands.

import { blocks } from "./blocks.js";
import { h, icon, langOf } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { film, player } from "./player.js";
import { act, faceAt, picture, portrait, state } from "./store.js";
import { clockTime, date, dayKey, dayName } from "./time.js";
import { said, worded } from "./words.js";
import { agent, lastSeen, show, userName, view } from "./view.js";

const TOGETHER_SECONDS = 300;

// Messages, private lines and day lines in order, as items for `sync`.
export function items(messages, lines, { pane, days = true }) {
  const all = [...messages.map((each) => ({ message: each })), ...lines.map((each) => ({ message: each, line: true }))];
  all.sort((a, b) => Number(a.message.ts) - Number(b.message.ts));
  const made = [];
  let before = null;
  for (const { message, line = false } of all) {
    const at = Number(message.ts);
    const newDay = days && (!before || dayKey(at) !== dayKey(Number(before.ts)));
    if (newDay) made.push({ key: `day-${dayKey(at)}`, signature: dayName(at), day: at });
    const compact = !line && !newDay && made.length > 1 && !before.line && before.author === message.author && at - Number(before.ts) < TOGETHER_SECONDS && pane === "thread";
    const fresh = message.thread?.filter((reply) => Number(reply.ts) > lastSeen(message.ts) && reply.user !== view.person).length ?? 0;
    const { thread, ...plain } = message;
    const faces = thread?.length ? facesOf(thread) : [];
    const editing = view.editing === message.ts;
    const signature = JSON.stringify([plain, compact, fresh, editing, faces, view.person, isPinned(message), pane === "channel" && view.thread === message.ts]);
    made.push({ key: `${line ? "line" : "message"}-${message.ts}`, signature, message, line, compact, fresh, faces, editing, pane });
    before = { ...message, line };
  }
  return made;
}

export function make(item) {
  if (item.divider) return h("li.count", { role: "separator" }, h("span", {}, item.divider));
  if (item.day) return h("li.day", { role: "separator" }, h("span", {}, dayName(item.day)));
  return item.line ? privateLine(item) : message(item);
}

function message(item) {
  const { message: one, compact, pane } = item;
  const open = pane === "channel" && view.thread === one.ts;
  const element = h("li.message", { class: `${compact ? "compact" : ""} ${open ? "open" : ""}`, tabIndex: -1, data: { ts: one.ts } },
    compact ? h("time.gutter", { "aria-hidden": "true" }, clockTime(Number(one.ts)).replace(/\s?[AP]M/, "")) : face(one),
    h("div.body", {},
      broadcast(one, pane),
      isPinned(one) && h("div.also", {}, said("📌 Pinned", "📌 ピン留め")),
      heading(one, compact),
      item.editing ? editor(one) : content(one),
      files(one),
      reactions(one),
      pane === "channel" && thread(item)),
    one.subtype !== "tombstone" && tools(one, pane));
  return element;
}

function isPinned(one) {
  return Boolean(state.slack.channels.find((each) => each.id === one.channel)?.pins.includes(one.ts));
}

function heading(one, hidden) {
  const app = one.bot_id ? h("span.app", {}, worded("APP")) : null;
  const guest = state.slack.users.find((user) => user.id === one.user)?.is_restricted ? h("span.guest", {}, worded("guest")) : null;
  return h("div.heading", { class: hidden ? "visually-hidden" : "" }, h("b.author", { lang: langOf(one.author) }, one.author), app, guest, stamp(one));
}

// A reply that is shown in the channel as well says in either place where else it stands.
function broadcast(one, pane) {
  if (!one.root || pane === "dm") return null;
  if (pane === "thread") return h("div.also", {}, said("Also sent to the channel", "チャンネルにも投稿済み"));
  const title = state.slack.messages[one.channel]?.find((each) => each.ts === one.root.ts)?.plain.replace(/^[^:]*:\s*/, "").split("\n")[0] ?? one.root.text;
  return h("div.also", {}, h("span", {}, said("replied to a thread:", "スレッドに返信しました：")), h("button.to-thread", { type: "button", lang: langOf(title), onclick: () => show({ thread: one.root.ts, place: one.channel }), data: { focus: "to-thread" } }, title));
}

function stamp(one) {
  const made = date(Number(one.ts), "{time}");
  made.classList.add("stamp");
  return made;
}

function content(one) {
  const edited = one.edited ? h("span.edited", {}, said(" (edited)", "（編集済み）")) : null;
  const shown = one.blocks?.length ? blocks(one.blocks, press(one)) : [h("div.section-text", { lang: langOf(one.text) }, mrkdwn(one.text))];
  const attached = (one.attachments ?? []).map((each) => h("div.attachment", {}, blocks(each.blocks, press(one)), each.text && h("div", {}, mrkdwn(each.text))));
  return h("div.content", { class: one.subtype === "tombstone" ? "gone" : "" }, shown, edited, attached);
}

export function press(one, line = false) {
  return (block, element, value) => {
    const confirm = element.confirm;
    if (confirm && !window.confirm(`${confirm.title.text}\n${confirm.text.text}`)) return;
    const body = { user: view.person, channel: one.channel, ts: one.ts, action_id: element.action_id, block_id: block.block_id, ephemeral: line };
    act("slack/click", value === undefined || value === null ? body : { ...body, value });
  };
}

export function face(one) {
  const { bot } = state.slack;
  const src = one.icons ? faceAt(one.icons.image_72 ?? one.icons.image_48) : one.user === bot.user_id && one.bot_id && !one.username ? "/page/logo.svg" : portrait(agent(one.user)?.key);
  if (src) return h("img.face", { src, alt: "" });
  return h("span.face.initial", { "aria-hidden": "true", style: { "--hue": hue(one.author) } }, [...(one.author ?? "?")][0]);
}

function hue(name) {
  return [...(name ?? "")].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 360, 7);
}

function files(one) {
  if (!one.files?.length) return null;
  return h("ul.files", {}, one.files.map((file) => {
    const src = picture(file.url_private);
    const kind = src && file.mimetype?.split("/")[0];
    if (kind === "image") return h("li", {}, h("img", { src, alt: file.alt_txt || file.name, loading: "lazy" }));
    if (kind === "video") return h("li", {}, film(src, file.title || file.name));
    if (kind === "audio") return h("li.sound", {}, player(src, said(`Play ${file.title || file.name}`, `${file.title || file.name}を再生`)), h("small", { lang: langOf(file.title) }, file.title || file.name));
    return h("li.file", {}, icon("file", 22), h("span", {}, h("b", { lang: langOf(file.name) }, file.name), h("small", {}, `${file.pretty_type || worded("File")} · ${Math.max(1, Math.round(file.size / 1024))} kB`)));
  }));
}

function reactions(one) {
  if (!one.reactions?.length) return null;
  return h("div.reactions", {}, one.reactions.map(({ name, users, count }) => {
    const mine = users.includes(view.person);
    const onclick = () => act(`slack/${mine ? "unreact" : "react"}`, { user: view.person, channel: one.channel, ts: one.ts, name });
    const who = users.map(userName).join(", ");
    return h("button.reaction", { type: "button", class: mine ? "mine" : "", "aria-pressed": String(mine), title: said(`${who} reacted with :${name}:`, `${who}が:${name}:でリアクションしました`),
      "aria-label": `${name.replaceAll("_", " ")}, ${count}, ${who}`, onclick, data: { focus: `reaction-${name}`, name } },
    h("span.emoji", {}, emojiOf(name)), h("span", {}, String(count)));
  }));
}

function facesOf(thread) {
  const found = new Map();
  for (const reply of thread) if (!found.has(reply.author)) found.set(reply.author, { author: reply.author, icons: reply.icons, user: reply.user, bot_id: reply.bot_id, username: reply.username });
  return [...found.values()].slice(0, 3);
}

function thread(item) {
  const { message: one, fresh, faces } = item;
  const count = one.thread?.length ?? 0;
  if (!count) return null;
  const last = one.thread.at(-1);
  return h("button.replies", { type: "button", onclick: () => show({ thread: one.ts, place: one.channel }), data: { focus: "replies" } },
    h("span.faces", {}, faces.map(face)),
    h("b", {}, count === 1 ? worded("1 reply") : said(`${count} replies`, `${count}件の返信`)),
    fresh ? h("span.fresh", {}, said(`${fresh} new`, `新着${fresh}件`)) : null,
    h("span.last", {}, worded("Last reply "), date(Number(last.ts), "{date_short_pretty} {time}")));
}

function tools(one, pane) {
  const mine = one.user === view.person && !one.bot_id;
  const tool = (name, label, onclick) => h("button.tool", { type: "button", title: label, "aria-label": label, onclick, tabIndex: -1, data: { focus: label } }, icon(name, 18));
  return h("div.tools", {},
    tool("smile", worded("React with a thumbs up"), () => act("slack/react", { user: view.person, channel: one.channel, ts: one.ts, name: "+1" })),
    pane === "channel" && tool("reply", worded("Reply in thread"), () => show({ thread: one.ts, place: one.channel, focusComposer: true })),
    mine && tool("edit", worded("Edit message"), () => show({ editing: one.ts })),
    mine && tool("trash", worded("Delete message"), () => act("slack/delete", { user: view.person, channel: one.channel, ts: one.ts })),
    pane === "thread" && !one.bot_id && one.reactions?.some(({ name }) => name === "lock") && tool("send", "Send to customer", () => act("slack/shortcut", { user: view.person, callback_id: "send_to_customer", channel: one.channel, ts: one.ts })),
    pane !== "dm" && one.bot_id && tool("more", "Conversation…", () => act("slack/shortcut", { user: view.person, callback_id: "conversation", channel: one.channel, ts: one.ts })),
    pane === "thread" && one.bot_id && tool("reply", "Reply to this", () => act("slack/shortcut", { user: view.person, callback_id: "reply_to", channel: one.channel, ts: one.ts })),
    pane === "thread" && tool("envelope", "Reply with…", () => act("slack/shortcut", { user: view.person, callback_id: "reply_with", channel: one.channel, ts: one.ts })),
    pane === "thread" && tool("bookmark", "Save as reply", () => act("slack/shortcut", { user: view.person, callback_id: "save_reply", channel: one.channel, ts: one.ts })),
    pane === "thread" && one.bot_id && tool("eye", "Check it still exists", () => act("slack/shortcut", { user: view.person, callback_id: "check_exists", channel: one.channel, ts: one.ts })),
    pane !== "dm" && tool("help", "What happened?", () => act("slack/shortcut", { user: view.person, callback_id: "what_happened", channel: one.channel, ts: one.ts })));
}

function editor(one) {
  const done = () => show({ editing: null });
  const save = async () => {
    const text = box.value.trim();
    done();
    if (text) await act("slack/edit", { user: view.person, channel: one.channel, ts: one.ts, text });
  };
  const box = h("textarea", { "aria-label": worded("Edit message"), rows: 2, lang: langOf(one.text) });
  box.value = one.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") done();
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); save(); }
    event.stopPropagation();
  });
  queueMicrotask(() => box.focus());
  return h("div.editor", {}, box, h("div.actions", {}, h("button.button", { type: "button", onclick: done }, worded("Cancel")), h("button.button.primary", { type: "button", onclick: save }, worded("Save"))));
}

function privateLine({ message: one }) {
  return h("li.message.private", { tabIndex: -1, data: { ts: one.ts } },
    h("img.face", { src: "/page/logo.svg", alt: "" }),
    h("div.body", {},
      h("div.only", {}, icon("eye", 14), worded("Only visible to you")),
      h("div.heading", {}, h("b.author", {}, one.author === "bridge" ? "Threadbridge" : one.author), h("span.app", {}, worded("APP")), stamp(one)),
      h("div.content", {}, one.blocks?.length ? blocks(one.blocks, press(one, true)) : h("div.section-text", { lang: langOf(one.text) }, mrkdwn(one.text)))));
}
