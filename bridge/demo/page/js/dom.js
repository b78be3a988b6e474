// Building and keeping the document. Data only ever becomes text nodes and checked attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

// h("button.quiet", { type: "button", onclick }, "words", node, [more])
export function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties ?? {})) set(element, key, value);
  append(element, children);
  return element;
}

function set(element, key, value) {
  if (value === undefined || value === null || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
  else if (key === "style") for (const [name, given] of Object.entries(value)) element.style.setProperty(name, given);
  else if (key === "data") Object.assign(element.dataset, value);
  else if (key in element && typeof value !== "string") element[key] = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

// Make `parent` hold exactly one element per item, in order; an element whose signature is unchanged stays as it is.
export function sync(parent, items, make) {
  const before = new Map([...parent.children].map((element) => [element.dataset.key, element]));
  const fresh = [];
  let place = parent.firstElementChild;
  for (const item of items) {
    let element = before.get(item.key);
    if (!element || element.signature !== item.signature) {
      const made = make(item);
      made.dataset.key = item.key;
      made.signature = item.signature;
      if (element) {
        if (element === place) place = place.nextElementSibling;
        keepFocus(element, made);
      } else {
        fresh.push(made);
        parent.insertBefore(made, place);
      }
      element = made;
    } else if (element === place) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(element, place);
    }
    before.delete(item.key);
  }
  for (const [key, element] of before) if (key === undefined || element.parentNode === parent) element.remove();
  return fresh;
}

function keepFocus(old, made) {
  const active = document.activeElement;
  const inside = old.contains(active);
  const name = inside ? active.dataset.focus : undefined;
  if (old.tabIndex === 0) made.tabIndex = 0;
  old.replaceWith(made);
  if (!inside) return;
  const next = name === undefined ? made : made.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  (next ?? made).focus({ preventScroll: true });
}

export function replace(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

// Up and Down (or Left and Right) walk the children that `selector` finds; one of them is in the tab order.
export function roving(list, selector, { across = false } = {}) {
  const [back, on] = across ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  const all = () => [...list.querySelectorAll(selector)];
  const go = (target) => {
    if (!target) return;
    for (const each of all()) each.tabIndex = each === target ? 0 : -1;
    target.focus();
  };
  list.addEventListener("keydown", (event) => {
    const elements = all();
    const at = elements.indexOf(event.target);
    if (at < 0) return;
    const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: elements.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(elements[Math.max(0, Math.min(to, elements.length - 1))]);
  });
}

// After the list has changed: exactly one of its children can be reached with Tab.
export function oneStop(list, selector, preferred) {
  const elements = [...list.querySelectorAll(selector)];
  if (!elements.length) return;
  const stop = preferred ?? elements.find((each) => each.tabIndex === 0) ?? elements.at(-1);
  for (const each of elements) each.tabIndex = each === stop ? 0 : -1;
}

// Keep a list at its end while it is there, whatever grows or shrinks; the answer says whether it is, and brings it there.
export function stickToEnd(list) {
  let stuck = true;
  const end = () => (list.scrollTop = list.scrollHeight);
  list.addEventListener("scroll", () => (stuck = list.scrollHeight - list.scrollTop - list.clientHeight < 60), { passive: true });
  new ResizeObserver(() => stuck && end()).observe(list);
  return { follow: (always) => (stuck ||= always) && end() };
}

export function svg(path, { size = 20, fill = false, box = 24 } = {}) {
  const root = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${box} ${box}`, width: size, height: size, "aria-hidden": "true", focusable: "false" }))
    root.setAttribute(name, value);
  root.classList.add("icon");
  for (const d of [path].flat()) {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", d);
    line.setAttribute("fill", fill ? "currentColor" : "none");
    if (!fill) for (const [name, value] of Object.entries({ stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" }))
      line.setAttribute(name, value);
    root.append(line);
  }
  return root;
}

const PATHS = {
  send: "M4.5 12 3.4 4.6 21 12 3.4 19.4 4.5 12Zm0 0h8",
  close: "M6 6l12 12M18 6 6 18",
  down: "M6 9l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  reply: "M20 11.5a7.5 7.5 0 0 1-11.1 6.6L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5Z",
  smile: ["M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", "M8.5 14.5c1 1.4 2.1 2 3.5 2s2.500-.6 3.500-2", "M9 9.500v.2M15 9.500v.2"],
  edit: "M4 20l1-4L16.500 4.500a2 2 0 0 1 3 3L8 19l-4 1Z",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13",
  help: ["M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", "M9.600 9.500c.2-3 5-2.800 4.800.2-.1 1.800-2.400 1.800-2.400 4M12 17v.2"],
  eye: ["M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12Z", "M12 9.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600Z"],
  play: "M7 4.500v15l12-7.500-12-7.500Z",
  stop: "M7 7h10v10H7z",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6l1-7Z",
  clock: ["M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", "M12 7v5.300l3.300 2"],
  phone: "M5 4h4l1.500 5-2.500 1.500a11 11 0 0 0 5.500 5.500l1.500-2.500 5 1.500v4a1.500 1.500 0 0 1-1.700 1.500A16 16 0 0 1 3.500 5.700 1.500 1.500 0 0 1 5 4Z",
  video: ["M3 7h12v10H3z", "M15 11l6-3.500v9L15 13"],
  camera: ["M4 8h3l1.500-2.500h7L17 8h3v11H4z", "M12 10a3.200 3.200 0 1 1 0 6.400 3.200 3.200 0 0 1 0-6.400Z"],
  hash: "M9 4 7 20M17 4l-2 16M4.500 9h16M3.500 15h16",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  check: "M5 12.500l4.500 4.500L19 7.500",
};

export const icon = (name, size = 20, fill = false) => svg(PATHS[name], { size, fill });

// Japanese glyphs for Japanese words: the browser is told which they are.
export function langOf(text) {
  return /[\u3040-\u30ff\u3400-\u9fff]/.test(text ?? "") ? "ja" : undefined;
}

// Only addresses that a link may have; anything else is no link.
export function safeUrl(address) {
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
