// The slim bar: what this is, what time it is, what may be played, and what may go wrong.

import { h, icon, replace, roving } from "./dom.js";
import { act, complain, state } from "./store.js";
import { clockTime, now, span, weekDay } from "./time.js";
import { said, worded } from "./words.js";

// So much time is on the slider; with less than a day of it left, the scale moves on and begins where the time stands.
const HOURS = 192;
const LEFT = 24;
const MARKS = [[0, "now"], [24, "24 h"], [72, "3 d"], [120, "5 d"], [168, "7 d"]];
const parts = {};
let base = 0;
let wanted = null;
let letGo;

export function build() {
  parts.day = h("span.day-name");
  parts.time = h("b.hand");
  parts.slider = h("input", { type: "range", min: "0", max: String(HOURS), step: "1", value: "0", "aria-label": worded("Let time pass, in hours from the start"), title: worded("At its end the scale moves on"), id: "time" });
  parts.preview = h("output.preview", { for: "time", hidden: true });
  parts.slider.addEventListener("input", preview);
  parts.slider.addEventListener("change", () => {
    clearTimeout(letGo);
    letGo = setTimeout(travel, 250);
  });
  parts.scenes = menu(worded("Scenes"), "play", { role: "menu" });
  parts.troubles = menu(worded("Trouble"), "bolt", { role: "menu" });
  parts.caption = h("p.caption", { role: "status", hidden: true });
  parts.stop = h("button.stop", { type: "button", onclick: () => act("scene", {}) }, icon("stop", 14, true), worded("Stop"));
  return h("header.bar", {},
    h("h1", {}, h("img", { src: "/page/logo.svg", alt: "", width: 26, height: 26 }), "Threadbridge", h("span.demo", {}, worded("demo"))),
    h("div.clock", {},
      h("span.face-of-clock", {}, parts.day, parts.time),
      h("span.slide", {}, parts.slider, parts.preview,
        h("span.marks", { "aria-hidden": "true" }, MARKS.map(([hours, words]) => h("span", { style: { "--at": String(hours / HOURS) }, class: hours === 24 || hours === 168 ? "strong" : "" }, worded(words)))))),
    h("div.menus", {}, parts.scenes.root, parts.troubles.root));
}

export function caption() {
  return parts.caption;
}

const offset = () => (state.clock.offset ?? 0) / 3600;

function preview() {
  const hours = Math.max(Number(parts.slider.value), offset());
  wanted = hours;
  const at = now() + (hours - offset()) * 3600;
  parts.preview.hidden = false;
  parts.preview.style.setProperty("--at", String(Math.min(1, (hours - base) / HOURS)));
  parts.preview.textContent = hours > offset() ? `+${span((hours - offset()) * 3600)} · ${weekDay(at)} ${clockTime(at)}` : worded("Time goes forward only");
  parts.slider.setAttribute("aria-valuetext", said(`${Math.round(hours)} hours from the start, ${weekDay(at)} ${clockTime(at)}`, `開始から${Math.round(hours)}時間、${weekDay(at)} ${clockTime(at)}`));
}

async function travel() {
  const seconds = ((wanted ?? 0) - offset()) * 3600;
  if (seconds > 0) await act("clock", { seconds });
  else complain(worded("Time goes forward only, as Slack's and Meta's does."));
  wanted = null;
  parts.preview.hidden = true;
  drawClock();
}

export function drawClock() {
  if (!state.clock.now) return;
  const at = now();
  parts.day.textContent = weekDay(at);
  parts.time.textContent = clockTime(at);
  if (wanted === null) {
    const stands = Math.round(offset());
    if (base + HOURS - stands <= LEFT) {
      base = stands;
      parts.slider.max = String(base + HOURS);
      parts.slider.min = String(base);
    }
    parts.slider.value = String(Math.round(offset()));
    parts.slider.setAttribute("aria-valuetext", said(`${Math.round(offset())} hours from the start, ${weekDay(at)} ${clockTime(at)}`, `開始から${Math.round(offset())}時間、${weekDay(at)} ${clockTime(at)}`));
  }
  parts.slider.style.setProperty("--done", String(Math.max(0, Math.min(1, (offset() - base) / HOURS))));
}

export function draw() {
  drawClock();
  const { scenes = [], playing, failed } = state.scene;
  const busy = Boolean(playing);
  parts.scenes.fill(JSON.stringify([scenes, playing]), () => scenes.map((scene) =>
    h("button.entry", { type: "button", role: "menuitem", tabIndex: -1, class: scene.key === playing ? "on" : "", onclick: () => { parts.scenes.close(); act("scene", { play: scene.key }); } },
      h("b", {}, worded(scene.name)), h("small", {}, worded(scene.about)))));
  parts.scenes.button.classList.toggle("busy", busy);
  const troubles = state.demo?.troubles ?? [];
  const count = troubles.filter((each) => each.on).length;
  parts.troubles.fill(JSON.stringify(troubles), () => troubles.map((each) =>
    h("button.entry", { type: "button", role: "menuitemcheckbox", "aria-checked": String(each.on), tabIndex: -1, class: each.on ? "on" : "", onclick: () => act("trouble", { key: each.key, on: !each.on }), data: { focus: each.key } },
      h("span.switch", { "aria-hidden": "true" }), h("span", {}, h("b", {}, worded(each.name)), h("small", {}, worded(each.about))))));
  parts.troubles.button.classList.toggle("alarm", count > 0);
  drawCaption(scenes.find((each) => each.key === playing), failed);
}

function drawCaption(scene, failed) {
  const words = failed ? said(`The scene stopped: ${failed}`, `シーンが止まりました：${failed}`) : scene ? worded(state.scene.caption || scene.about) : "";
  parts.caption.hidden = !words;
  if (!words) return;
  const key = `${scene?.key}${words}`;
  if (parts.caption.dataset.key === key) return;
  parts.caption.dataset.key = key;
  replace(parts.caption, scene && h("b", {}, worded(scene.name)), h("span", {}, words), scene && parts.stop);
}

// A button with a list that opens under it; Escape closes it, the arrows walk it.
function menu(label, sign, { role }) {
  const list = h("div.list", { role, "aria-label": label, hidden: true });
  const button = h("button.opens", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false" }, icon(sign, 16, sign === "play"), h("span", {}, label), icon("down", 14));
  const root = h("div.menu", {}, button, list);
  const set = (open, back = true) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector(".entry")?.focus();
    else if (back) button.focus();
  };
  button.addEventListener("click", () => set(list.hidden));
  root.addEventListener("keydown", (event) => event.key === "Escape" && !list.hidden && set(false));
  root.addEventListener("focusout", (event) => event.relatedTarget && !root.contains(event.relatedTarget) && set(false, false));
  document.addEventListener("pointerdown", (event) => !root.contains(event.target) && !list.hidden && set(false, false));
  roving(list, ".entry");
  return {
    root, button,
    close: () => set(false),
    fill(signature, make) {
      if (list.dataset.signature === signature) return;
      list.dataset.signature = signature;
      const at = [...list.children].indexOf(document.activeElement);
      list.replaceChildren(...make());
      if (at >= 0) list.children[at]?.focus();
    },
  };
}

