// People and user groups, whom Slack offers after an @, and as it writes down who is mentioned:
// https://docs.slack.dev/messaging/formatting-message-text

import { state } from "./store.js";
import { userName } from "./view.js";
import { worded } from "./words.js";

const MOST = 8;
const BEGUN = /(^|[\s(「、。])@([\p{L}\p{N}._-]*)$/u;

function everybody() {
  const people = (state.slack?.users ?? []).filter((user) => !user.deleted).map((user) => ({
    name: userName(user.id),
    others: [user.real_name, user.name],
    about: user.is_bot ? worded("APP") : user.is_restricted ? worded("guest") : user.real_name === userName(user.id) ? "" : user.real_name,
    code: `<@${user.id}>`,
    bot: user.is_bot,
  }));
  const groups = (state.slack?.usergroups ?? []).map((group) => ({ name: group.handle.replace(/^@/, ""), others: [], about: worded("user group"), code: `<!subteam^${group.id}>` }));
  return [...people.filter((each) => !each.bot), ...groups, ...people.filter((each) => each.bot)];
}

// Those whose names, or a word of them, begin with what stands behind the @ before the caret.
export function people(text, caret) {
  const found = BEGUN.exec(text.slice(0, caret));
  if (!found) return null;
  const begun = found[2].toLowerCase();
  const start = caret - found[2].length - 1;
  const fits = (each) => [each.name, ...each.others].some((name) => (name ?? "").toLowerCase().split(/[\s.]+/).some((word) => word.startsWith(begun)) || (name ?? "").toLowerCase().startsWith(begun));
  const options = everybody().filter(fits).slice(0, MOST).map((each) => {
    const before = `${text.slice(0, start)}@${each.name} `;
    return { text: `@${each.name}`, about: each.about, filled: { value: before + text.slice(caret).trimStart(), caret: before.length } };
  });
  return { label: "People", options, ready: true };
}

// What Slack sends of a text: whoever stands in it by their whole name is mentioned.
export function mentioning(text) {
  const known = everybody().filter((each) => each.name).sort((one, other) => other.name.length - one.name.length);
  const codes = new Map(known.map((each) => [each.name, each.code]).reverse());
  if (!codes.size) return text;
  const names = known.map((each) => each.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text.replace(new RegExp(`(^|[\\s(「、。])@(${names.join("|")})(?![\\p{L}\\p{N}_])`, "gu"), (_, before, name) => before + codes.get(name));
}
