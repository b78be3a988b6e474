// Slack's mrkdwn as nodes: https://docs.slack.dev/messaging/formatting-message-text

import { h, langOf, safeUrl } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { state } from "./store.js";
import { show } from "./view.js";
import { date } from "./time.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const STYLES = [
  ["b", /(^|[\s\p{P}\p{S}])\*(\S(?:[^*\n]*[^\s*])?)\*(?=$|[\s\p{P}\p{S}])/u],
  ["i", /(^|[\s\p{P}\p{S}])_(\S(?:[^_\n]*[^\s_])?)_(?=$|[\s\p{P}\p{S}])/u],
  ["s", /(^|[\s\p{P}\p{S}])~(\S(?:[^~\n]*[^\s~])?)~(?=$|[\s\p{P}\p{S}])/u],
];

export function mrkdwn(text) {
  const nodes = [];
  for (const [index, part] of String(text ?? "").split(/```\n?([\s\S]*?)```/).entries()) {
    if (index % 2) nodes.push(h("pre", {}, unescape(part)));
    else nodes.push(...lines(part));
  }
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("&gt;")) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(line.slice(4).trimStart()));
      continue;
    }
    if (index && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line));
  }
  return nodes;
}

function inline(text) {
  return text.split(/(<[^<>]+>|`[^`\n]+`)/).flatMap((part, index) => {
    if (!(index % 2)) return styled(part);
    return part.startsWith("<") ? [control(part.slice(1, -1))] : [h("code", {}, unescape(part.slice(1, -1)))];
  });
}

function styled(text) {
  if (!text) return [];
  let first = null;
  for (const [tag, form] of STYLES) {
    const found = form.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { tag, found };
  }
  if (!first) return plain(text);
  const { tag, found } = first;
  const start = found.index + found[1].length;
  return [...styled(text.slice(0, start)), h(tag, {}, styled(found[2])), ...styled(text.slice(found.index + found[0].length))];
}

export function plain(text) {
  return unescape(text).split(/(:[a-z0-9_+'-]+:)/).flatMap((part, index) => {
    const shown = index % 2 ? emojiOf(part.slice(1, -1)) : part;
    return shown === part ? drawn(part) : [h("span.emoji", { role: "img", "aria-label": part.slice(1, -1) }, shown)];
  });
}

// Some fonts draw signs such as ⚫ and ⚠ as plain letters: here they are pictures, as in Slack.
const SIGNS = /((?![©®™])\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*|\p{Regional_Indicator}{2})/u;

export function drawn(text) {
  return text.split(SIGNS).map((part, index) => (index % 2 ? h("span.emoji", {}, [...part].length === 1 ? `${part}\uFE0F` : part) : part)).filter((part) => part !== "");
}

function control(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channel(target.slice(1), label);
  if (target.startsWith("!date^")) {
    const [, at, format] = target.split("^");
    return date(at, format, unescape(label ?? ""));
  }
  if (target.startsWith("!subteam")) return h("span.mention", {}, unescape(label ?? "@group"));
  if (target.startsWith("!")) return h("span.mention.loud", {}, `@${target.slice(1)}`);
  return link(unescape(target), unescape(label ?? target));
}

export function link(address, label) {
  const href = safeUrl(address);
  const place = href && placeOf(href);
  if (place) return h("a", { href, lang: langOf(label), onclick: (event) => { event.preventDefault(); show(place); } }, label);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer", lang: langOf(label) }, label) : document.createTextNode(label);
}

// A link to a message of this Slack leads there.
function placeOf(href) {
  const { hostname, pathname, searchParams } = new URL(href);
  const found = hostname.endsWith(".slack.com") && /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(pathname);
  if (!found || !state.slack?.channels.some((each) => each.id === found[1])) return undefined;
  return { place: found[1], thread: searchParams.get("thread_ts") ?? `${found[2]}.${found[3]}` };
}

export function mention(id) {
  const user = state.slack?.users.find((each) => each.id === id);
  return h("span.mention", {}, `@${user?.profile.display_name || user?.real_name || id}`);
}

export function channel(id, label) {
  const found = state.slack?.channels.find((each) => each.id === id);
  return h("span.mention", {}, `#${found?.name ?? label ?? id}`);
}
