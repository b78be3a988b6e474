// What is known, and how to ask for more: one stream in, small requests out.

import { h } from "./dom.js";
import { worded } from "./words.js";

export const state = { slack: null, meta: null, clock: { offset: 0 }, demo: null, scene: { scenes: [] } };
const listeners = new Set();

export function listen(listener) {
  listeners.add(listener);
}

export function connect() {
  const stream = new EventSource("/state");
  for (const kind of ["slack", "meta", "clock", "demo", "scene"]) {
    stream.addEventListener(kind, (event) => {
      state[kind] = JSON.parse(event.data);
      if (kind === "clock") state.clockHeard = performance.now();
      for (const listener of listeners) listener(kind);
    });
  }
  stream.addEventListener("error", () => document.body.classList.add("offline"));
  stream.addEventListener("open", () => document.body.classList.remove("offline"));
}

// Post an act; what cannot be done is said in a small line that goes away again.
export async function act(path, body = {}) {
  try {
    const answer = await fetch(`/act/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (!said.ok) complain(said.error);
    return said;
  } catch {
    complain(worded("The demo does not answer. Is it still running?"));
    return { ok: false };
  }
}

let silence;
export function complain(words) {
  const line = document.getElementById("complaint");
  line.replaceChildren(h("span", {}, words));
  line.hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => (line.hidden = true), 6000);
}

export function announce(words) {
  document.getElementById("announcer").textContent = words;
}

// The server fetches pictures, so that the page asks nobody else.
export function picture(address) {
  const { origins } = state.demo ?? {};
  for (const [side, origin] of Object.entries(origins ?? {}))
    if (address?.startsWith(`${origin}/`)) return `/of/${side}/${address.slice(origin.length + 1)}`;
  return undefined;
}

const PORTRAITS = new Set(["yuki", "ren", "emma", "jonas", "haruka", "mika", "oliver", "sofia", "aki", "ken", "gina"]);

export function portrait(key) {
  return PORTRAITS.has(key) ? `/page/portraits/${key}.svg` : undefined;
}

export function customers() {
  const cast = new Map((state.demo?.customers ?? []).map((each) => [`${each.account}:${each.id}`, each]));
  const roles = new Map((state.demo?.accounts ?? []).map((each) => [each.id, each]));
  return (state.meta?.accounts ?? []).flatMap((account) =>
    account.customers.map((customer) => {
      const known = cast.get(`${account.id}:${customer.id}`);
      const key = `${account.id}:${customer.id}`;
      return { ...customer, key, account, role: roles.get(account.id), cast: known };
    }),
  );
}

export function nameOf(customer) {
  return customer.name ?? customer.username ?? worded("Somebody");
}

// Every name a customer has had: a card says the one that the bridge last read.
export function namesOf(customer) {
  return [nameOf(customer), ...(customer.past_names ?? [])];
}

// The address of a customer's picture, as the phone and Slack show it.
export function faceOf(customer) {
  const own = `/of/meta/cdn/avatar/${customer.account.id}/${customer.id}.png`;
  return customer.pictures ? `${own}?set=${customer.pictures}` : portrait(customer.cast?.key) ?? own;
}

// In Slack a customer's picture comes by its address on Meta's CDN.
export function faceAt(address) {
  const found = /\/cdn\/avatar\/(\d+)\/(\d+)\.png$/.exec(address ?? "");
  const known = found && state.demo?.customers.find((each) => each.account === found[1] && each.id === found[2]);
  return portrait(known?.key) ?? picture(address);
}
