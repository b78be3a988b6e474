// Joins the parts: builds them once, and draws what has changed.

import * as bar from "./bar.js";
import * as desk from "./desk.js";
import { append } from "./dom.js";
import { loadEmoji } from "./emoji.js";
import * as modal from "./modal.js";
import * as phone from "./phone.js";
import { connect, customers, listen, state } from "./store.js";
import { refreshDates } from "./time.js";
import { chosenCustomer, follow, onRedraw, redraw, rootOf, show, view } from "./view.js";

let typing = "";

function start() {
  append(document.getElementById("stage"), [bar.build(), phone.build(), desk.build(), bar.caption(), modal.build()]);
  for (const part of [bar, phone, desk, modal]) onRedraw(part.draw);
  onRedraw(refreshDates);
  listen((kind) => {
    if (kind === "scene") followScene();
    if (kind === "slack" || kind === "meta") openFirst();
    redraw();
    document.body.classList.toggle("ready", Boolean(state.slack && state.meta && state.demo));
  });
  setInterval(redraw, 1000);
  document.addEventListener("visibilitychange", redraw);
  loadEmoji().finally(connect);
}

// The first conversation opens by itself, and so does that of the person whose phone is in hand.
let hadThread = new Set();
function openFirst() {
  const customer = chosenCustomer();
  if (!customer || !state.slack) return;
  view.customer ??= customer.key;
  const root = rootOf(customer);
  const isNew = root && !hadThread.has(`${customer.key}${root.ts}`);
  if (!isNew) return;
  hadThread.add(`${customer.key}${root.ts}`);
  const reading = state.slack.messages[view.place]?.some((each) => each.ts === view.thread);
  if (!reading || state.scene.playing) show({ place: root.channel, thread: root.ts });
}

// While a scene is played, the page looks where it happens.
function followScene() {
  const now = state.scene.typing;
  const key = JSON.stringify(now);
  if (key === typing) return;
  typing = key;
  phone.playTyping(null);
  desk.playTyping(null);
  if (!now) return;
  const customer = customers().find((each) => each.id === now.customer);
  if (customer) follow(customer);
  if (now.side === "agent") show({ person: now.who });
  queueMicrotask(() => (now.side === "agent" ? desk : phone).playTyping(now));
}

start();
