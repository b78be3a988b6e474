// Files for a message: chosen, dropped on the box or pasted into it, and shown as chips until it goes.

import { h, icon, langOf, replace } from "./dom.js";
import { said, worded } from "./words.js";

export function attachments(changed) {
  let held = [];
  const input = h("input", { type: "file", multiple: true, hidden: true, tabIndex: -1, "aria-hidden": "true" });
  const button = h("button.tool.attach", { type: "button", "aria-label": worded("Attach a file"), title: worded("Attach a file"), onclick: () => input.click() }, icon("clip", 20));
  const list = h("ul.attached", { "aria-label": worded("Attached"), hidden: true });
  const draw = () => {
    list.hidden = held.length === 0;
    replace(list, held.map((file, at) => h("li", {}, icon("file", 16), h("span", { lang: langOf(file.name) }, file.name),
      h("button", { type: "button", "aria-label": said(`Take ${file.name} away`, `${file.name}を外す`), onclick: () => keep(held.filter((_, other) => other !== at)) }, icon("close", 14)))));
    changed();
  };
  const keep = (files) => {
    held = files;
    draw();
  };
  const add = (files) => files.length && keep([...held, ...files]);
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  return {
    input, button, list, add,
    some: () => held.length > 0,
    // Hand them out, ready for JSON, and begin anew.
    async take() {
      const files = held;
      keep([]);
      return Promise.all(files.map(carried));
    },
  };
}

// A file, ready for JSON.
export async function carried(file) {
  return { name: file.name, mimetype: file.type || "application/octet-stream", content: await base64(file) };
}

function base64(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}
