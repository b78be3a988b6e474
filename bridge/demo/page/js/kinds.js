// Everything a customer can do besides writing, as tiles of the "+" sheet.
// Each has a key, an icon, a word, and what it does: an act of the stand-in, or a mode in which the next text is something else.

import { said } from "./words.js";

const instagram = (customer) => customer.account.platform === "instagram";
const messenger = (customer) => !instagram(customer);
const japanese = (customer) => customer.cast?.lang === "ja";

export const season = (customer) => (japanese(customer) ? "春の新作" : "Spring collection");

const send = (key, sign, word, more = {}) => ({ key, sign, word, act: "send", body: (customer) => ({ kind: key, title: season(customer) }), quotes: true, ...more });

export const SHEET = [
  {
    name: "Send",
    tiles: [
      send("photo", "image", "Photo"),
      send("photos", "images", "3 photos"),
      send("video", "video", "Video"),
      send("voice", "mic", "Voice"),
      send("file", "file", "File"),
      send("sticker", "smile", "Sticker"),
      send("like", "heart", (customer) => (instagram(customer) ? "Heart" : "Like")),
      send("view_once", "once", "View once", { when: instagram }),
      send("location", "pin", "Location", { when: messenger }),
      send("link", "link", "Link", { when: messenger, body: () => ({ kind: "link", text: "https://example.com/mugs", title: "Hanako: mugs" }) }),
      send("post", "post", "Post"),
      send("reel", "play", "Reel"),
      send("unsupported", "spark", "Something new", { body: () => ({ kind: "unsupported" }), quotes: false }),
    ],
  },
  {
    name: "Stories, ads, links, posts",
    tiles: [
      { key: "story_reply", sign: "story", word: "Reply to story", mode: "story", when: instagram },
      { key: "story_mention", sign: "at", word: "Mention in story", act: "story_mention", body: () => ({}), when: instagram },
      { key: "ad", sign: "horn", word: "Tap an ad", act: "arrive", body: (customer) => ({ by: "ad", title: season(customer) }) },
      { key: "link_in", sign: "link", word: (customer) => (instagram(customer) ? "ig.me link" : "m.me link"), act: "arrive", body: () => ({ by: "link" }) },
      { key: "from_product", sign: "bag", word: "Ask about a product", act: "arrive", body: () => ({ by: "product" }) },
      send("product", "bag", "Share a product", { body: (customer) => ({ kind: "product", title: japanese(customer) ? "青いマグカップ" : "Blue mug" }) }),
      { key: "menu", sign: "menu", word: "Tap the menu", act: "tap", body: (customer) => ({ title: japanese(customer) ? "営業時間" : "Opening hours", payload: "HOURS" }) },
      { key: "opt_in", sign: "tag", word: "Subscribe", act: "opt_in", body: (customer) => ({ title: season(customer) }), when: messenger },
      { key: "rate", sign: "like", word: "Rate the answer", act: "rate", body: () => ({}), when: messenger },
      { key: "comment", sign: "comment", word: "Comment on a post", mode: "comment" },
      { key: "live", sign: "video", word: "Comment on a live", mode: "live", when: instagram },
    ],
  },
  {
    name: "You",
    tiles: [
      { key: "rename", sign: "tag", word: "New name", mode: "name" },
      { key: "username", sign: "at", word: "New @name", mode: "username", when: instagram },
      { key: "picture", sign: "person", word: "New picture", act: "new_picture", body: () => ({}) },
      { key: "block", sign: "ban", word: "Block the shop", act: "block", body: () => ({ blocked: true }) },
    ],
  },
  {
    name: "The shop’s own phone",
    tiles: [
      { key: "native", sign: "shop", word: "Answer there", mode: "shop" },
      { key: "choices", sign: "menu", word: "Ask with choices", act: "native_send", body: (customer) => (japanese(customer) ? { text: "どちらになさいますか？", choices: ["青", "白"] } : { text: "Which one would you like?", choices: ["Blue", "White"] }) },
      { key: "native_photo", sign: "image", word: "Send a photo", act: "native_send", body: () => ({ kind: "photo", which: "mug_white" }) },
      { key: "ask", sign: "horn", word: "Other app asks", act: "ask_for_thread", body: () => ({}) },
      { key: "take", sign: "swap", word: (customer) => (customer.thread_owner ? "Other app hands back" : "Other app takes over"), act: "other_app", body: (customer) => ({ takes: !customer.thread_owner }) },
    ],
  },
];

export const wordOf = (tile, customer) => (typeof tile.word === "function" ? tile.word(customer) : tile.word);
export const offered = (customer) => SHEET.map((group) => ({ ...group, tiles: group.tiles.filter((tile) => !tile.when || tile.when(customer)) }));

// A mode: what the line above the box says, and what the box holds at first.
export const MODES = {
  reply: { sign: "reply", words: (mode) => said(`Replying to ${mode.own ? "yourself" : "the shop"}`, mode.own ? "自分のメッセージに返信" : "お店に返信") },
  edit: { sign: "edit", words: () => said("Editing", "編集中"), filled: (mode) => mode.text },
  story: { sign: "story", words: (_, customer) => said(`Replying to ${customer.account.name}’s story`, `${customer.account.name}のストーリーズに返信`) },
  comment: { sign: "comment", words: () => said("Commenting under the newest post", "最新の投稿にコメント") },
  live: { sign: "video", words: () => said("Commenting while the shop is live", "ライブ配信中にコメント") },
  name: { sign: "tag", words: () => said("Your new name", "新しい名前"), filled: (_, customer) => customer.name ?? "" },
  username: { sign: "at", words: () => said("Your new @name", "新しい@ユーザーネーム"), filled: (_, customer) => customer.username ?? "" },
  shop: { sign: "shop", words: (_, customer) => said(`As ${customer.account.name}, in ${customer.account.platform === "instagram" ? "the Instagram app" : "the Page inbox"}`, `${customer.account.name}として（${customer.account.platform === "instagram" ? "Instagramアプリ" : "ページの受信箱"}）`) },
};

// The act of a text, in whichever mode it was written.
export function actOf(mode, text) {
  switch (mode?.kind) {
    case "reply": return ["write", { text, reply_to: mode.mid }];
    case "edit": return ["edit", { mid: mode.mid, text }];
    case "story": return ["story_reply", { text }];
    case "comment": return ["comment", { text }];
    case "live": return ["comment", { text, under: "LIVE" }];
    case "name": return ["rename", { name: text }];
    case "username": return ["rename", { username: text.replace(/^@/, "") }];
    case "shop": return ["native_send", { text }];
    default: return ["write", { text }];
  }
}
