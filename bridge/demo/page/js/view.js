// Where somebody is looking: whose Slack, which channel, which thread, whose phone. Nothing here is known to the server.

import { customers, namesOf, state } from "./store.js";

export const view = { person: "U0AKI", place: null, tab: "home", thread: null, customer: null, editing: null };
const redraws = new Set();
let due = false;

export function onRedraw(draw) {
  redraws.add(draw);
}

// Draw once, soon, however many changes there were.
export function redraw() {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    for (const draw of redraws) draw();
  });
}

export function show(change) {
  Object.assign(view, change);
  redraw();
}

export function agent(id) {
  return state.demo?.agents.find((each) => each.id === id);
}

export function userName(id) {
  const user = state.slack?.users.find((each) => each.id === id);
  return user?.profile.display_name || user?.real_name || id;
}

export function chosenCustomer() {
  const all = customers();
  return all.find((each) => each.key === view.customer) ?? all[0];
}

// The newest card of a customer; names are unique on this stage.
export function rootOf(customer) {
  const channel = customer?.role?.channel;
  const roots = state.slack?.messages[channel] ?? [];
  const root = roots.findLast((each) => each.bot_id && !(each.thread_ts && each.thread_ts !== each.ts) && namesOf(customer).some((name) => each.plain.includes(name)));
  return root && { channel, ts: root.ts };
}

// Whose conversation a card is.
export function customerOf(root) {
  return customers().find((each) => each.role?.channel === root.channel && namesOf(each).some((name) => root.plain.includes(name)));
}

export function follow(customer) {
  const root = rootOf(customer);
  show({ customer: customer.key, place: customer.role?.channel ?? view.place, thread: root?.ts ?? null });
}

// --- what has been seen, for each person

const seen = new Map();

export function lastSeen(place) {
  return seen.get(`${view.person}/${place}`) ?? 0;
}

export function markSeen(place, ts) {
  if (Number(ts) > lastSeen(place)) seen.set(`${view.person}/${place}`, Number(ts));
}
