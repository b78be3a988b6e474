// What stands on the phone's screen: bubbles with all that can be in them, small lines, moments.

import { h, icon, langOf } from "./dom.js";
import { film, player } from "./player.js";
import { nameOf, picture } from "./store.js";
import { clockTime, DAY, dayKey, dayName, now } from "./time.js";
import { said, worded } from "./words.js";

const APART = 3600;
const THUMBS = new Set([369239263222822, 369239343222814, 369239383222810]);

export const initialOf = (customer) => [...customer.account.name.replace("Shop ", "")][0];

// Bubbles, notes and moments in order, as items for `sync`.
export function itemsOf(customer) {
  const shown = customer.bubbles.filter((each) => !each.removed || each.from === "business");
  const all = [...shown, ...(customer.notes ?? []).map((note, at) => ({ ...note, note: true, mid: `note-${at}` }))].sort((a, b) => a.at - b.at);
  const made = [];
  let before = null;
  for (const [index, each] of all.entries()) {
    if (!before || each.at - before.at > APART || dayKey(each.at) !== dayKey(before.at)) {
      const words = `${dayName(each.at)} ${clockTime(each.at)}`;
      made.push({ key: `at-${each.mid}`, signature: words, moment: words });
      before = null;
    }
    if (each.note) {
      const words = noteWords(each, customer);
      made.push({ key: each.mid, signature: words, moment: words });
      before = { at: each.at };
      continue;
    }
    const next = all[index + 1];
    const first = before?.from !== each.from;
    const last = !next || next.note || next.from !== each.from || next.at - each.at > APART;
    const seen = last && !next && each.from === "customer" && customer.seen_at >= each.at;
    const quote = quoteOf(each, customer);
    const over = isStory(each) && now() - each.at > DAY;
    made.push({ key: each.mid, signature: JSON.stringify([each, first, last, seen, quote, over]), one: each, first, last, seen, quote, over });
    before = each;
  }
  if (customer.typing) {
    const words = said(`${customer.account.name} is typing…`, `${customer.account.name}が入力中…`);
    made.push({ key: "typing", signature: words, moment: words });
  }
  return made;
}

function noteWords({ kind, words }, customer) {
  const shop = customer.account.name;
  switch (kind) {
    case "ad": return said(`You tapped the ad “${words}”`, `広告「${words}」をタップしました`);
    case "link": {
      const address = customer.account.platform === "instagram" ? `ig.me/m/${customer.account.username}` : `m.me/${shop.replaceAll(" ", ".").toLowerCase()}`;
      return said(`You opened ${address}`, `${address} を開きました`);
    }
    case "product": return said("You tapped Message under a product", "商品の「メッセージを送信」をタップしました");
    case "commented": return said(`You commented on a post: “${words}”`, `投稿にコメントしました：「${words}」`);
    case "renamed": return said(`You are now ${words}`, `名前を「${words}」に変更しました`);
    case "picture": return said("You have a new picture", "プロフィール写真を変更しました");
    case "blocked": return said(`You blocked ${shop}`, `${shop}をブロックしました`);
    case "unblocked": return said(`You unblocked ${shop}`, `${shop}のブロックを解除しました`);
    default: return words;
  }
}

const isStory = (one) => Boolean(one.reply_to?.story) || one.attachments?.[0]?.type === "story_mention";

function quoteOf(one, customer) {
  if (!one.reply_to?.mid) return null;
  const about = customer.bubbles.find((each) => each.mid === one.reply_to.mid);
  if (!about || about.removed) return said("Message unavailable", "表示できないメッセージ");
  return about.text ?? { image: said("Photo", "写真"), video: said("Video", "動画"), audio: said("Voice message", "音声メッセージ") }[about.attachments?.[0]?.type] ?? said("Attachment", "添付ファイル");
}

export function bubble({ one, first, last, seen, quote, over }, customer) {
  const own = one.from === "customer";
  const reaction = Object.values(one.reactions ?? {}).join("");
  const label = labelOf(one, customer, own);
  const content = [label && h("span.label", {}, label), quote && h("span.quote", { lang: langOf(quote) }, quote), ...story(one, over), ...(one.attachments ?? []).map((each, at, all) => attached(each, customer, all)),
    one.text ? h("span.words", { lang: langOf(one.text) }, one.text) : null, one.kind === "unsupported" && pill("spark", said("Something new", "新しい種類のメッセージ"))];
  return h("li.bubble", { class: `${own ? "own" : "business-said"} ${first ? "first" : ""} ${last ? "last" : ""} ${one.kind === "postback" ? "tapped" : ""} ${reaction ? "reacted" : ""}`, tabIndex: -1 },
    !own && h("span.business-face.small", { "aria-hidden": "true", data: { account: customer.role?.key ?? "" } }, last ? initialOf(customer) : ""),
    h("div.bubble-body", { class: (one.attachments ?? []).length > 1 ? "many" : "" }, h("span.visually-hidden", {}, own ? worded("You: ") : `${customer.account.name}: `), content, reaction && h("span.mark", {}, reaction)),
    one.edited ? h("span.seen", {}, said("Edited", "編集済み")) : null,
    seen && h("span.seen", {}, said("Seen", "既読")));
}

function labelOf(one, customer, own) {
  if (one.reply_to?.story) return own ? said("You replied to their story", "ストーリーズに返信しました") : null;
  if (one.reply_to?.mid) return own ? (one.reply_to.is_self_reply ? said("You replied to yourself", "自分に返信しました") : said("You replied", "返信しました")) : said(`${customer.account.name} replied`, `${customer.account.name}が返信しました`);
  if (one.attachments?.[0]?.type === "story_mention") return said(`You mentioned ${customer.account.username} in your story`, `ストーリーズで ${customer.account.username} をメンションしました`);
  return null;
}

function story(one, over) {
  if (!one.reply_to?.story) return [];
  return [over ? storyOver() : thumb(one.reply_to.story.url)];
}

const storyOver = () => h("span.story-over", {}, said("Story no longer available", "このストーリーズは表示できません"));
const thumb = (address) => h("img.story-thumb", { src: picture(address), alt: worded("Story") });
const pill = (sign, words) => h("span.words.pill", {}, icon(sign, 17), words);

function attached(each, customer, all) {
  const { type, payload = {} } = each;
  const src = picture(payload?.url);
  switch (type) {
    case "image": return payload.url?.includes("/sticker.png") ? h("img.sticker", { src, alt: worded("Sticker") }) : src ? h("img.sent", { src, alt: worded("Photo"), class: all.length > 1 ? "one-of-many" : "" }) : pill("image", worded("Photo"));
    case "sticker": return THUMBS.has(payload.sticker_id) ? h("span.big", { role: "img", "aria-label": worded("Like") }, "👍") : h("img.sticker", { src, alt: worded("Sticker") });
    case "like_heart": return h("span.big", { role: "img", "aria-label": worded("Heart") }, "❤️");
    case "video": return h("span.sent", {}, film(src, worded("Video")));
    case "audio": return h("span.words.holds-voice", {}, player(src, worded("Play the voice message")));
    case "file": return pill("file", nameIn(payload.url));
    case "location": return h("span.card-tile", {}, h("span.map", { "aria-hidden": "true" }, icon("pin", 26)), h("b", {}, each.title ?? worded("Location")));
    case "ephemeral": return pill("once", said("Photo · seen once", "写真・1 回だけ表示"));
    case "story_mention": return now() - (customer.bubbles.find((one) => one.attachments?.includes(each))?.at ?? 0) > DAY ? storyOver() : thumb(payload.url);
    case "share": return null;
    case "ig_post": case "post": case "ig_reel": case "reel": return shared(type, payload, src, customer);
    case "fallback": return h("span.card-tile", {}, h("b", {}, payload.title), h("small", {}, new URL(payload.url).host));
    case "template": return payload.product?.elements.map((item) => h("span.card-tile", {}, h("img", { src: picture(item.image_url), alt: "" }), h("b", { lang: langOf(item.title) }, item.title), h("small", {}, item.subtitle)));
    default: return pill("spark", `(${type})`);
  }
}

function nameIn(address) {
  return decodeURIComponent(new URL(address).pathname.split("/").at(-1));
}

function shared(type, payload, src, customer) {
  const media = !src ? h("span.map.post", { "aria-hidden": "true" }, icon(type.includes("reel") ? "play" : "post", 26)) : type.includes("reel") ? h("video", { src, muted: true, preload: "metadata", "aria-label": worded("Reel") }) : h("img", { src, alt: "" });
  return h("span.card-tile", {}, h("small", {}, customer.account.username ?? customer.account.name), media, h("b", { lang: langOf(payload.title) }, payload.title));
}

export function nameFor(customer) {
  const name = nameOf(customer);
  return customer.cast?.lang === "ja" && /[\u3040-\u9fff]/.test(name) ? name.split(" ").at(-1) : name.split(" ")[0];
}
