// A box to write in: Enter sends, Shift+Enter breaks the line, and an input method's own Enter does neither.

import { attachments } from "./attach.js";
import { h, icon } from "./dom.js";
import { mentioning, people } from "./mentions.js";
import { offers as offering } from "./offers.js";
import { commands as words } from "./slash.js";
import { worded } from "./words.js";

export function composer({ label, send, sendLabel = worded("Send"), extra = null, plainButton = false, files = false, commands = false, mentions = false }) {
  const box = h("textarea", { rows: 1, "aria-label": label, placeholder: label });
  const button = h("button.send", { type: "submit", "aria-label": sendLabel, disabled: true }, plainButton ? sendLabel : icon("send", 18));
  const attached = files ? attachments(() => fit()) : null;
  const kinds = [commands && words, mentions && people].filter(Boolean);
  const offers = kinds.length ? offering(box, kinds, (text) => { box.value = text; fit(); }) : null;
  const form = h("form.composer", { autocomplete: "off" }, offers?.list, extra, attached && [attached.list, attached.button, attached.input], box, button);
  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
    const filled = Boolean(box.value.trim()) || Boolean(attached?.some());
    button.disabled = !filled;
    form.classList.toggle("filled", filled);
  };
  const submit = async () => {
    const text = box.value.trim();
    if (!text && !attached?.some()) return;
    box.value = "";
    offers?.close();
    const along = attached?.some() ? await attached.take() : [];
    fit();
    send(mentions ? mentioning(text) : text, along);
  };
  if (attached) {
    box.addEventListener("paste", (event) => attached.add([...event.clipboardData.files]));
    form.addEventListener("dragover", (event) => event.preventDefault());
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      attached.add([...event.dataTransfer.files]);
    });
  }
  box.addEventListener("input", fit);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  let typing = null;
  return {
    form, box,
    relabel(words) {
      if (box.placeholder === words) return;
      box.placeholder = words;
      box.setAttribute("aria-label", words);
    },
    fill(text) {
      box.value = text;
      fit();
    },
    // Show somebody typing `text` within so many seconds; null wipes it away.
    play(text, seconds) {
      cancelAnimationFrame(typing);
      if (text === null) {
        if (form.classList.contains("played")) box.value = "";
        form.classList.remove("played");
        return fit();
      }
      form.classList.add("played");
      const signs = [...text];
      const start = performance.now();
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const step = (at) => {
        const part = still ? 1 : Math.min(1, (at - start) / (seconds * 850));
        box.value = signs.slice(0, Math.ceil(signs.length * part)).join("");
        fit();
        box.scrollTop = box.scrollHeight;
        if (part < 1) typing = requestAnimationFrame(step);
      };
      typing = requestAnimationFrame(step);
      return undefined;
    },
  };
}
