// The customer's phone: Instagram or Messenger, as far as a conversation with a business looks.

import { composer } from "./composer.js";
import { h, icon, langOf, oneStop, roving, stickToEnd, sync } from "./dom.js";
import { act, announce, customers, faceOf, nameOf, picture, state } from "./store.js";
import { clockTime, dayKey, dayName, now, span } from "./time.js";
import { chosenCustomer, follow, view } from "./view.js";

const REACTIONS = [["love", "❤️"], ["laugh", "😂"], ["wow", "😮"], ["sad", "😢"], ["like", "👍"]];
const READ_AFTER = 900;
const parts = {};
const unread = new Map();
let reading = 0;

export function build() {
  parts.people = h("div.stories", { role: "tablist", "aria-label": "Whose phone" });
  parts.time = h("span.phone-time");
  parts.face = h("span.business-face", { "aria-hidden": "true" });
  parts.name = h("b");
  parts.handle = h("small");
  parts.list = h("ol.bubbles", { "aria-label": "Conversation on the phone" });
  parts.breakers = h("div.breakers");
  parts.write = composer({ label: "Message…", send: write, plainButton: true, extra: h("span.lens", { "aria-hidden": "true" }, icon("camera", 18)) });
  parts.screen = h("div.screen", {},
    h("div.status", { "aria-hidden": "true" }, parts.time, h("span.island"), h("span.signal", {}, h("i"), h("i"), h("i"), h("b"))),
    h("header.business", {}, icon("back", 22), parts.face, h("span.names", {}, parts.name, parts.handle), h("span.calls", {}, icon("phone", 20), icon("video", 22))),
    parts.list, parts.breakers, parts.write.form, h("span.home", { "aria-hidden": "true" }));
  parts.bar = h("i");
  parts.window = h("span");
  parts.gauge = h("p.gauge", {}, h("span.track", { "aria-hidden": "true" }, parts.bar), parts.window);
  parts.phone = h("div.phone", { role: "tabpanel", id: "phone", "aria-label": "Phone" }, parts.screen);
  roving(parts.people, "button", { across: true });
  roving(parts.list, "li.bubble");
  parts.end = stickToEnd(parts.list);
  return h("section.customer", { "aria-label": "The customer" }, parts.people, parts.phone, parts.gauge);
}

function write(text) {
  const customer = chosenCustomer();
  return act("meta/write", { account: customer.account.id, customer: customer.id, text });
}

export function draw() {
  const customer = chosenCustomer();
  if (!customer || !state.demo) return;
  drawPeople(customer);
  parts.phone.className = `phone ${customer.account.platform}`;
  parts.time.textContent = clockTime(now()).replace(/\s?[AP]M/, "");
  const role = customer.role;
  parts.name.textContent = customer.account.name;
  parts.handle.textContent = customer.account.platform === "instagram" ? `${customer.account.username} · Business` : "Usually replies within a day";
  parts.face.textContent = [...customer.account.name.replace("Shop ", "")][0];
  parts.face.dataset.account = role?.key ?? "";
  drawBubbles(customer);
  drawBreakers(customer);
  drawGauge(customer);
  parts.write.box.lang = customer.cast?.lang ?? "";
}

function drawPeople(chosen) {
  const all = customers().map((each) => {
    const last = each.bubbles.findLast((bubble) => bubble.from === "business")?.at ?? 0;
    if (each.key === chosen.key) unread.set(each.key, last);
    return { key: each.key, signature: JSON.stringify([each.key === chosen.key, last > (unread.get(each.key) ?? 0), nameOf(each), each.account.name]), customer: each, fresh: last > (unread.get(each.key) ?? 0) };
  });
  sync(parts.people, all, ({ customer, fresh }) => {
    const picked = customer.key === chosen.key;
    const first = customer.cast?.lang === "ja" && /[\u3040-\u9fff]/.test(nameOf(customer)) ? nameOf(customer).split(" ").at(-1) : nameOf(customer).split(" ")[0];
    const where = `${customer.account.platform === "instagram" ? "Instagram" : "Messenger"}, ${customer.account.name}`;
    return h("button.story", { type: "button", role: "tab", "aria-selected": String(picked), "aria-controls": "phone", tabIndex: picked ? 0 : -1, class: `${customer.account.platform} ${picked ? "chosen" : ""}`,
      title: `${nameOf(customer)} · ${where}`, onclick: () => follow(customer) },
    h("span.ring", {}, h("img", { src: faceOf(customer), alt: "" }), fresh ? h("span.dot", {}, h("span.visually-hidden", {}, "new answer")) : null),
    h("span.first", { lang: langOf(first) }, first), h("span.visually-hidden", {}, where));
  });
  oneStop(parts.people, "button", parts.people.querySelector(".chosen"));
}

function drawBubbles(customer) {
  const list = parts.list;
  const moved = list.dataset.customer !== customer.key;
  list.dataset.customer = customer.key;
  if (moved) list.replaceChildren();
  const fresh = sync(list, bubbleItems(customer), (item) => (item.day ? h("li.moment", {}, item.words) : bubble(item, customer)));
  oneStop(list, "li.bubble");
  parts.end.follow(moved);
  if (!moved) {
    for (const element of fresh) element.classList.add("arrived");
    const told = fresh.filter((element) => element.matches(".business-said"));
    if (told.length) announce(`On the phone: ${told.map((element) => element.innerText).join(". ")}`);
  }
  readSoon(customer);
}

function bubbleItems(customer) {
  const made = [];
  let before = null;
  const shown = customer.bubbles.filter((each) => !each.removed || each.from === "business");
  for (const [index, each] of shown.entries()) {
    if (!before || each.at - before.at > 3600 || dayKey(each.at) !== dayKey(before.at)) {
      const words = `${dayName(each.at)} ${clockTime(each.at)}`;
      made.push({ key: `at-${each.mid}`, signature: words, day: true, words });
      before = null;
    }
    const next = shown[index + 1];
    const first = before?.from !== each.from;
    const last = !next || next.from !== each.from || next.at - each.at > 3600;
    const seen = last && !next && each.from === "customer" && customer.seen_at >= each.at;
    made.push({ key: each.mid, signature: JSON.stringify([each, first, last, seen]), one: each, first, last, seen });
    before = each;
  }
  return made;
}

function bubble({ one, first, last, seen }, customer) {
  const own = one.from === "customer";
  const reaction = Object.values(one.reactions ?? {}).join("");
  const words = one.text ? h("span.words", { lang: langOf(one.text) }, one.text) : null;
  return h("li.bubble", { class: `${own ? "own" : "business-said"} ${first ? "first" : ""} ${last ? "last" : ""} ${one.kind === "postback" ? "tapped" : ""} ${reaction ? "reacted" : ""}`, tabIndex: -1 },
    !own && h("span.business-face.small", { "aria-hidden": "true", data: { account: customer.role?.key ?? "" } }, last ? [...customer.account.name.replace("Shop ", "")][0] : ""),
    h("div.bubble-body", {}, h("span.visually-hidden", {}, own ? "You: " : `${customer.account.name}: `), words, pictures(one), reaction && h("span.mark", {}, reaction)),
    !own && reactor(one, customer),
    seen && h("span.seen", {}, "Seen"));
}

function pictures(one) {
  return (one.attachments ?? []).map((each) => {
    const src = picture(each.payload?.url);
    return src && each.type === "image" ? h("img.sent", { src, alt: "Picture", loading: "lazy" }) : h("span.words", {}, `(${each.type})`);
  });
}

function reactor(one, customer) {
  const mine = one.reactions?.customer;
  const send = (name, sign) => act(`meta/${mine === sign ? "unreact" : "react"}`, { account: customer.account.id, customer: customer.id, mid: one.mid, reaction: name, emoji: sign });
  return h("span.reactor", { role: "group", "aria-label": "React" }, REACTIONS.map(([name, sign]) =>
    h("button", { type: "button", "aria-label": name, "aria-pressed": String(mine === sign), onclick: () => send(name, sign), data: { focus: name } }, sign)));
}

function drawBreakers(customer) {
  const offered = customer.bubbles.length ? [] : customer.role?.ice_breakers ?? [];
  sync(parts.breakers, offered.map((title) => ({ key: `${customer.key}${title}`, signature: title, title })), ({ title }) =>
    h("button", { type: "button", lang: langOf(title), onclick: () => act("meta/tap", { account: customer.account.id, customer: customer.id, title }) }, title));
}

// What Meta's clock says about this conversation.
function drawGauge(customer) {
  const { standard_until: standard, human_until: human } = customer.window;
  const at = now();
  const kind = !standard ? "none" : at < standard ? "standard" : customer.account.human_agent && at < human ? "human" : "closed";
  const left = { standard: (standard - at) / 86400, human: (human - at) / (6 * 86400) }[kind] ?? 0;
  const words = {
    none: "The customer writes first",
    standard: `Answers may be sent for ${span(standard - at)}`,
    human: `A person may answer for ${span(human - at)}`,
    closed: `Closed until ${nameOf(customer)} writes again`,
  }[kind];
  parts.gauge.className = `gauge ${kind}`;
  parts.bar.style.width = `${Math.min(1, Math.max(0, left)) * 100}%`;
  if (parts.window.textContent !== words) parts.window.textContent = words;
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
