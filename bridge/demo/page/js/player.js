// A voice message: a button, a wave, and how long it is. A clip: its picture, and a button that goes away while it plays.

import { h, icon, replace } from "./dom.js";
import { said } from "./words.js";

const BARS = 26;

export function player(src, label) {
  const audio = new Audio(src);
  audio.preload = "metadata";
  const bars = Array.from({ length: BARS }, (_, at) => h("i", { style: { "--tall": String(0.25 + 0.75 * Math.abs(Math.sin(at * 1.7) * Math.cos(at * 0.45))) } }));
  const left = h("span.left", {}, "0:00");
  const button = h("button.play", { type: "button", "aria-label": label, onclick: () => (audio.paused ? audio.play() : audio.pause()) }, icon("play", 15, true));
  const root = h("span.voice", {}, button, h("span.wave", { "aria-hidden": "true" }, bars), left);
  const draw = () => {
    const length = Number.isFinite(audio.duration) ? audio.duration : 0;
    const seconds = Math.ceil(audio.paused && !audio.currentTime ? length : length - audio.currentTime);
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const part = length ? audio.currentTime / length : 0;
    bars.forEach((bar, at) => bar.classList.toggle("played", !audio.ended && at / BARS < part));
    replace(button, icon(audio.paused ? "play" : "pause", 15, true));
  };
  for (const name of ["loadedmetadata", "durationchange", "timeupdate", "play", "pause", "ended"]) audio.addEventListener(name, draw);
  return root;
}

export function film(src, label) {
  const video = h("video", { src, playsInline: true, preload: "metadata", "aria-label": label });
  const button = h("button.play", { type: "button", "aria-label": said(`Play: ${label}`, `再生：${label}`), onclick: () => (video.paused ? video.play() : video.pause()) }, icon("play", 22, true));
  const root = h("span.film", {}, video, button);
  for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => root.classList.toggle("playing", !video.paused && !video.ended));
  return root;
}
