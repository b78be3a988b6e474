// The demo's time, and the ways it is written.

import { h } from "./dom.js";
import { state } from "./store.js";
import { locale, said } from "./words.js";

export const DAY = 86400;
// The time that was told, and what has passed since; whatever this machine's own clock says.
export const now = () => (state.clock.now === undefined ? Date.now() / 1000 : state.clock.now + (performance.now() - state.clockHeard) / 1000);

const forms = new Map();
function form(seconds, options) {
  const key = JSON.stringify(options);
  if (!forms.has(key)) forms.set(key, new Intl.DateTimeFormat(locale, options));
  return forms.get(key).format(new Date(seconds * 1000));
}

export const clockTime = (seconds) => form(seconds, { hour: "numeric", minute: "2-digit" });
export const shortDate = (seconds) => form(seconds, { month: "short", day: "numeric" });
export const weekDay = (seconds) => form(seconds, { weekday: "short", month: "short", day: "numeric" });
export const dayKey = (seconds) => form(seconds, { year: "numeric", month: "2-digit", day: "2-digit" });

// Today, yesterday and tomorrow, in the demo's language.
const NEAR = [0, -1, 1].map((offset) => [offset, new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(offset, "day")]);

export function dayName(seconds) {
  for (const [offset, word] of NEAR.slice(0, 2)) if (dayKey(seconds) === dayKey(now() + offset * DAY)) return word[0].toUpperCase() + word.slice(1);
  return form(seconds, { weekday: "long", month: "long", day: "numeric" });
}

// 23 h 12 min, 6 d 4 h, 40 min
export function span(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  const [day, hour, min] = [said(" d ", "日"), said(" h ", "時間"), said(" min", "分")];
  if (minutes < 60) return `${minutes}${min}`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}${hour}${minutes % 60 ? `${minutes % 60}${min}` : ""}`.trim();
  return `${Math.floor(minutes / 1440)}${day}${Math.floor((minutes % 1440) / 60)}${hour}`.trim();
}

function ago(seconds) {
  const left = seconds - now();
  const size = Math.abs(left);
  const [count, unit] = size < 3600 ? [left / 60, "minute"] : size < 2 * DAY ? [left / 3600, "hour"] : [left / DAY, "day"];
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "always" }).format(Math.trunc(count), unit);
  return said(words, words.replaceAll(" ", "")); // browsers write 23 時間後
}

function pretty(seconds, plain) {
  for (const [offset, word] of NEAR) if (dayKey(seconds) === dayKey(now() + offset * DAY)) return word;
  return plain;
}

// docs.slack.dev, Formatting message text: dates
const TOKENS = {
  date_num: (at) => form(at, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (at) => form(at, { month: "long", day: "numeric", year: "numeric" }),
  date_short: (at) => form(at, { month: "short", day: "numeric", year: "numeric" }),
  date_long: (at) => form(at, { weekday: "long", month: "long", day: "numeric", year: "numeric" }),
  date_pretty: (at) => pretty(at, TOKENS.date(at)),
  date_short_pretty: (at) => pretty(at, shortDate(at)),
  date_long_pretty: (at) => pretty(at, TOKENS.date_long(at)),
  day_divider_pretty: (at) => dayName(at),
  time: clockTime,
  time_secs: (at) => form(at, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

export function dateText(seconds, format) {
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(seconds) ?? whole);
}

// A date that stays right while time goes on.
export function date(seconds, format, fallback = "") {
  const at = Number(seconds);
  if (!Number.isFinite(at)) return document.createTextNode(fallback);
  const iso = new Date(at * 1000).toISOString();
  return h("time.date", { datetime: iso, title: new Date(at * 1000).toLocaleString(locale), data: { at, format } }, dateText(at, format));
}

export function refreshDates() {
  for (const each of document.querySelectorAll("time.date")) {
    const text = dateText(Number(each.dataset.at), each.dataset.format);
    if (each.textContent !== text) each.textContent = text;
  }
}
