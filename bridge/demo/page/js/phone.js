// The customer's phone: Instagram or Messenger, as far as a conversation with a business looks.

import { bubbleMenu } from "./bubblemenu.js";
import { bubble, initialOf, itemsOf, nameFor } from "./bubbles.js";
import { composer } from "./composer.js";
import { h, icon, langOf, oneStop, replace, roving, stickToEnd, sync } from "./dom.js";
import { actOf, MODES } from "./kinds.js";
import { sheet } from "./sheet.js";
import { act, announce, customers, faceOf, nameOf, state } from "./store.js";
import { clockTime, now, span } from "./time.js";
import { chosenCustomer, follow, view } from "./view.js";
import { said, worded } from "./words.js";

const READ_AFTER = 900;
const parts = {};
const unread = new Map();
let reading = 0;
let mode = null;

export function build() {
  parts.people = h("div.stories", { role: "tablist", "aria-label": "Whose phone" });
  parts.time = h("span.phone-time");
  parts.face = h("span.business-face", { "aria-hidden": "true" });
  parts.name = h("b");
  parts.handle = h("small");
  parts.list = h("ol.bubbles", { "aria-label": "Conversation on the phone" });
  parts.breakers = h("div.breakers");
  parts.greeting = h("p.greeting", { hidden: true });
  parts.tabs = h("div.menu-items", { role: "group", "aria-label": said("Menu", "メニュー") });
  parts.sheet = sheet(choose);
  parts.menu = bubbleMenu({
    react: (one, name, sign) => does(one.reactions?.customer === sign ? "unreact" : "react", { mid: one.mid, reaction: name, emoji: sign }),
    reply: (one) => enter({ kind: "reply", mid: one.mid, own: one.from === "customer" }),
    edit: (one) => enter({ kind: "edit", mid: one.mid, text: one.text }),
    unsend: (one) => does("unsend", { mid: one.mid }),
    vanish: (one) => does("unsend", { mid: one.mid, told: false }),
  });
  parts.strip = h("div.strip", { hidden: true, role: "status" });
  parts.write = composer({ label: said("Message…", "メッセージ…"), send: write, plainButton: true, extra: parts.sheet.button });
  parts.write.form.addEventListener("keydown", (event) => event.key === "Escape" && mode && enter(null));
  parts.blocked = h("p.barred", { hidden: true });
  parts.screen = h("div.screen", {},
    h("div.status", { "aria-hidden": "true" }, parts.time, h("span.island"), h("span.signal", {}, h("i"), h("i"), h("i"), h("b"))),
    h("header.business", {}, icon("back", 22), parts.face, h("span.names", {}, parts.name, parts.handle), h("span.calls", {}, icon("phone", 20), icon("video", 22))),
    parts.list, parts.greeting, parts.breakers, parts.tabs, parts.strip, parts.write.form, parts.blocked, h("span.home", { "aria-hidden": "true" }), parts.menu.root, parts.sheet.root);
  parts.bar = h("i");
  parts.window = h("span");
  parts.gauge = h("p.gauge", {}, h("span.track", { "aria-hidden": "true" }, parts.bar), parts.window);
  parts.phone = h("div.phone", { role: "tabpanel", id: "phone", "aria-label": worded("Phone") }, parts.screen);
  roving(parts.people, "button", { across: true });
  roving(parts.list, "li.bubble");
  parts.end = stickToEnd(parts.list);
  return h("section.customer", { "aria-label": worded("The customer") }, parts.people, parts.phone, parts.gauge);
}

function does(name, body) {
  const customer = chosenCustomer();
  return act(`meta/${name}`, { account: customer.account.id, customer: customer.id, ...body });
}

function write(text) {
  const [name, body] = actOf(mode, text);
  enter(null);
  return does(name, body);
}

// A tile of the sheet: an act at once, or a mode for the next text.
function choose(tile) {
  const quoted = tile.quotes && mode?.kind === "reply" ? { reply_to: mode.mid } : {};
  if (tile.mode) return enter({ kind: tile.mode });
  if (tile.quotes) enter(null);
  return does(tile.act, { ...tile.body(chosenCustomer()), ...quoted });
}

// What the next text will be, said above the box; null: a message.
function enter(next) {
  const was = mode;
  mode = next;
  const customer = chosenCustomer();
  const kind = mode && MODES[mode.kind];
  parts.strip.hidden = !kind;
  if (kind) replace(parts.strip, icon(kind.sign, 15), h("span", {}, kind.words(mode, customer)), h("button.drop", { type: "button", "aria-label": said("Never mind", "やめる"), onclick: () => enter(null) }, icon("close", 15)));
  if (was && MODES[was.kind].filled) parts.write.fill("");
  if (kind) parts.write.fill(kind.filled?.(mode, customer) ?? parts.write.box.value);
  if (kind || was) parts.write.box.focus();
}

export function draw() {
  const customer = chosenCustomer();
  if (!customer || !state.demo) return;
  if (parts.phone.dataset.customer !== customer.key) {
    parts.phone.dataset.customer = customer.key;
    if (mode) enter(null);
    parts.sheet.close();
    parts.menu.close(false);
  }
  parts.sheet.of(customer);
  drawPeople(customer);
  parts.phone.className = `phone ${customer.account.platform}`;
  parts.time.textContent = clockTime(now()).replace(/\s?[AP]M/, "");
  const role = customer.role;
  parts.name.textContent = customer.account.name;
  parts.handle.textContent = customer.account.platform === "instagram" ? `${customer.account.username} · Business` : said("Usually replies within a day", "通常1日以内に返信");
  parts.face.textContent = initialOf(customer);
  parts.face.dataset.account = role?.key ?? "";
  drawBubbles(customer);
  drawBreakers(customer);
  drawProfile(customer);
  drawBlocked(customer);
  drawGauge(customer);
  parts.write.box.lang = customer.cast?.lang ?? "";
}

function drawPeople(chosen) {
  const all = customers().map((each) => {
    const last = each.bubbles.findLast((bubble) => bubble.from === "business")?.at ?? 0;
    if (each.key === chosen.key) unread.set(each.key, last);
    return { key: each.key, signature: JSON.stringify([each.key === chosen.key, last > (unread.get(each.key) ?? 0), nameOf(each), each.account.name, each.pictures]), customer: each, fresh: last > (unread.get(each.key) ?? 0) };
  });
  sync(parts.people, all, ({ customer, fresh }) => {
    const picked = customer.key === chosen.key;
    const first = nameFor(customer);
    const where = `${customer.account.platform === "instagram" ? "Instagram" : "Messenger"}, ${customer.account.name}`;
    return h("button.story", { type: "button", role: "tab", "aria-selected": String(picked), "aria-controls": "phone", tabIndex: picked ? 0 : -1, class: `${customer.account.platform} ${picked ? "chosen" : ""}`,
      title: `${nameOf(customer)} · ${where}`, onclick: () => follow(customer) },
    h("span.ring", {}, h("img", { src: faceOf(customer), alt: "" }), fresh ? h("span.dot", {}, h("span.visually-hidden", {}, worded("new answer"))) : null),
    h("span.first", { lang: langOf(first) }, first), h("span.visually-hidden", {}, where));
  });
  oneStop(parts.people, "button", parts.people.querySelector(".chosen"));
}

function drawBubbles(customer) {
  const list = parts.list;
  const moved = list.dataset.customer !== customer.key;
  list.dataset.customer = customer.key;
  if (moved) list.replaceChildren();
  const fresh = sync(list, itemsOf(customer), (item) => (item.moment ? h("li.moment", { lang: langOf(item.moment) }, item.moment) : parts.menu.attend(bubble(item, customer), item.one)));
  oneStop(list, "li.bubble");
  parts.end.follow(moved);
  if (!moved) {
    for (const element of fresh) element.classList.add("arrived");
    const told = fresh.filter((element) => element.matches(".business-said"));
    if (told.length) announce(said(`On the phone: ${told.map((element) => element.innerText).join(". ")}`, `スマートフォン：${told.map((element) => element.innerText).join("。")}`));
  }
  readSoon(customer);
}

const actions = (profile, name) => profile?.[name]?.flatMap((each) => each.call_to_actions) ?? [];

// Before anybody has written: what the account's profile offers, else what the cast does.
function firstTaps(customer) {
  const profile = customer.account.profile;
  const asked = actions(profile, "ice_breakers").map(({ question, payload }) => ({ title: question, name: "tap", body: { title: question, payload } }));
  return asked.length ? asked : (customer.role?.ice_breakers ?? []).map((title) => ({ title, name: "tap", body: { title } }));
}

// The account's greeting, and the menu that always stands above the box.
function drawProfile(customer) {
  const profile = customer.account.profile;
  const greeting = customer.bubbles.length ? "" : profile?.greeting?.[0]?.text ?? "";
  parts.greeting.hidden = !greeting;
  if (parts.greeting.textContent !== greeting) parts.greeting.textContent = greeting;
  const items = actions(profile, "persistent_menu").filter((each) => each.type === "postback");
  sync(parts.tabs, items.map((each) => ({ key: `${customer.account.id}${each.title}`, signature: each.title + each.payload, each })), ({ each }) =>
    h("button", { type: "button", lang: langOf(each.title), onclick: () => does("tap", { title: each.title, payload: each.payload }) }, each.title));
}

// What may be tapped instead of writing: ice breakers at first, later the quick replies under the last message.
function drawBreakers(customer) {
  const last = customer.bubbles.at(-1);
  const chips = last ? (last.quick_replies ?? []).map(({ title, payload }) => ({ title, name: "write", body: { text: title, quick_reply: payload } })) : firstTaps(customer);
  sync(parts.breakers, chips.map((chip) => ({ key: `${customer.key}${last?.mid ?? ""}${chip.title}`, signature: chip.title, chip })), ({ chip }) =>
    h("button", { type: "button", lang: langOf(chip.title), onclick: () => does(chip.name, chip.body) }, chip.title));
}

function drawBlocked(customer) {
  parts.write.form.hidden = customer.blocked;
  if (parts.blocked.hidden === !customer.blocked) return;
  parts.blocked.hidden = !customer.blocked;
  replace(parts.blocked, said(`You blocked ${customer.account.name}.`, `${customer.account.name}をブロックしています。`), h("button.unblock", { type: "button", onclick: () => does("block", { blocked: false }) }, said("Unblock", "ブロックを解除")));
}

// What Meta's clock says about this conversation.
function drawGauge(customer) {
  const { standard_until: standard, human_until: human } = customer.window;
  const at = now();
  const kind = !standard ? "none" : at < standard ? "standard" : customer.account.human_agent && at < human ? "human" : "closed";
  const left = { standard: (standard - at) / 86400, human: (human - at) / (6 * 86400) }[kind] ?? 0;
  const words = {
    none: said("The customer writes first", "先にお客様からの連絡が必要です"),
    standard: said(`Answers may be sent for ${span(standard - at)}`, `返信できる時間：あと${span(standard - at)}`),
    human: said(`A person may answer for ${span(human - at)}`, `担当者が返信できる時間：あと${span(human - at)}`),
    closed: said(`Closed until ${nameOf(customer)} writes again`, `返信期間は終了しました。${nameOf(customer)}さんから連絡があると再開します`),
  }[kind];
  const held = customer.thread_owner ? said("Another app holds the conversation", "別のアプリがこの会話を担当しています") : words;
  parts.gauge.className = `gauge ${kind}`;
  parts.bar.style.width = `${Math.min(1, Math.max(0, left)) * 100}%`;
  if (parts.window.textContent !== held) parts.window.textContent = held;
}

// Somebody who looks at the phone reads what comes.
function readSoon(customer) {
  const last = customer.bubbles.findLast((each) => each.from === "business");
  if (!last || parts.readMid === last.mid || document.hidden) return;
  parts.readMid = last.mid;
  clearTimeout(reading);
  reading = setTimeout(() => view.customer === customer.key && act("meta/read", { account: customer.account.id, customer: customer.id }), READ_AFTER);
}

// A scene's customer is seen typing.
export function playTyping(typing) {
  parts.write.play(typing?.side === "customer" ? typing.text : null, typing?.seconds);
}
