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
let looked = "";

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
const hadThread = new Set();
function openFirst() {
  const customer = chosenCustomer();
  if (!customer || !state.slack) return;
  view.customer ??= customer.key;
  const root = rootOf(customer);
  const isNew = root && !hadThread.has(`${customer.key}${root.ts}`);
  if (!isNew) return;
  hadThread.add(`${customer.key}${root.ts}`);
  const reading = view.thread !== null || (view.place ?? root.channel) !== root.channel;
  if (!reading || (state.scene.playing && !state.scene.look)) show({ place: root.channel, thread: root.ts });
}

// While a scene is played, the page looks where it happens.
function followScene() {
  const { typing: now, look, agent } = state.scene;
  if (look !== looked) lookAt(look, agent);
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

// A scene says where to look: the alerts channel, somebody's direct messages, or the thread it is about.
function lookAt(look, person) {
  looked = look;
  if (look === "alerts") show({ place: state.demo.channels.alerts, thread: null });
  if (look === "direct") show({ place: "direct", tab: "messages", thread: null, person });
  if (look === "thread") follow(chosenCustomer());
}

start();
