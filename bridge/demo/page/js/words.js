// What this page says, and how it writes dates, in the demo's language: English, or Japanese. The browser's counts for nothing
// but the region, such as the British way of writing an English date.

import { JA } from "./chrome.js";

const language = document.documentElement.lang;
const japanese = language.startsWith("ja");
export const locale = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;

export const said = (english, ja) => (japanese ? ja : english);

// What the phone's "+" sheet and its groups are called.
const TILES = {
  "Send": "送る", "Photo": "写真", "3 photos": "写真3枚", "Video": "動画", "Voice": "音声", "File": "ファイル", "Sticker": "スタンプ",
  "Heart": "ハート", "Like": "いいね！", "View once": "1回だけ表示", "Location": "位置情報", "Link": "リンク", "Post": "投稿", "Reel": "リール",
  "Something new": "新しい種類", "Stories, ads, links, posts": "ストーリーズ・広告・リンク・投稿", "Reply to story": "ストーリーズに返信",
  "Mention in story": "ストーリーズでメンション", "Tap an ad": "広告をタップ", "ig.me link": "ig.meリンク", "m.me link": "m.meリンク",
  "Ask about a product": "商品について質問", "Share a product": "商品をシェア", "Tap the menu": "メニューをタップ", "Subscribe": "お知らせを受け取る",
  "Rate the answer": "返信を評価", "Comment on a post": "投稿にコメント", "Comment on a live": "ライブ配信にコメント", "You": "あなた",
  "New name": "名前を変更", "New @name": "@ユーザーネームを変更", "New picture": "写真を変更", "Block the shop": "お店をブロック",
  "The shop’s own phone": "お店のスマートフォン", "Answer there": "そこから返信", "Ask with choices": "選択肢で質問", "Send a photo": "写真を送る",
  "Other app asks": "別のアプリが要求", "Other app hands back": "別のアプリが戻す", "Other app takes over": "別のアプリが引き継ぐ",
};

// The page's own words, its scenes' and troubles'; what is not among them stays as it is.
export const worded = (english) => said(english, JA[english] ?? english);

export const tileSaid = (english) => said(english, TILES[english] ?? english);
