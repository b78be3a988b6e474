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
  for (const grown of ["load", "loadedmetadata"]) list.addEventListener(grown, () => stuck && end(), true);
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
  envelope: "M3.5 6h17v12h-17ZM3.5 6.500 12 13l8.500-6.500",
  bookmark: "M7 4h10v16l-5-3.500L7 20Z",
  more: ["M5 12v.2M12 12v.2M19 12v.2"],
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
  clip: "M20 11.500l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700L10 17a1.700 1.700 0 0 1-2.400-2.400L15 7.200",
  check: "M5 12.500l4.500 4.500L19 7.500",
  plus: "M12 5v14M5 12h14",
  dots: ["M5.500 10.300a1.700 1.700 0 1 1 0 3.400 1.700 1.700 0 0 1 0-3.400Z", "M12 10.300a1.700 1.700 0 1 1 0 3.400 1.700 1.700 0 0 1 0-3.400Z", "M18.500 10.300a1.700 1.700 0 1 1 0 3.400 1.700 1.700 0 0 1 0-3.400Z"],
  pause: "M7 5h4v14H7zM13.500 5h4v14h-4z",
  image: ["M4 5h16v14H4z", "M4 16l4.500-4.500 4 4L15 13l5 4.500", "M15.500 8.200a1 1 0 1 1 0 2 1 1 0 0 1 0-2Z"],
  images: ["M7 7h13v12H7z", "M4 15V4h12", "M7 16l4-3.500 3 2.500 2-1.500 4 3"],
  mic: ["M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3Z", "M5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3"],
  heart: "M12 20S3.500 14.800 3.500 9a4.500 4.500 0 0 1 8.500-2 4.500 4.500 0 0 1 8.500 2C20.500 14.800 12 20 12 20Z",
  like: ["M7 11v9H4v-9zM7 11l4-8a2.200 2.200 0 0 1 2.200 2.200V9H19a1.500 1.500 0 0 1 1.500 1.800l-1.500 7.700A1.900 1.900 0 0 1 17.200 20H7"],
  once: ["M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", "M10.500 9.500 12.500 8v8"],
  pin: ["M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11Z", "M12 7.700a2.300 2.300 0 1 1 0 4.600 2.300 2.300 0 0 1 0-4.600Z"],
  link: ["M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1", "M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1"],
  post: ["M4 4h16v16H4z", "M4 10h16M10 10v10"],
  bag: ["M5 8h14l1 12H4L5 8Z", "M9 10V7a3 3 0 0 1 6 0v3"],
  menu: "M4 7h16M4 12h16M4 17h10",
  spark: "M12 3.500l1.800 6.700 6.700 1.800-6.700 1.800L12 20.500l-1.800-6.700L3.500 12l6.700-1.800L12 3.500Z",
  story: ["M12 3a9 9 0 0 1 9 9M20.500 15.500a9 9 0 0 1-5 5M11 21a9 9 0 0 1-7-5M3.200 11.500A9 9 0 0 1 8 4", "M12 8v8M8 12h8"],
  at: ["M12 8.300a3.700 3.700 0 1 1 0 7.400 3.700 3.700 0 0 1 0-7.400Z", "M15.700 8.500v4.700a2.400 2.400 0 0 0 4.800 0V12a8.500 8.500 0 1 0-3.500 6.900"],
  horn: ["M4 10v4h3l9 5V5l-9 5H4Z", "M19 9.500a3.500 3.500 0 0 1 0 5M8 14.500l1.500 5"],
  comment: ["M4 5h16v11h-8l-4.500 4v-4H4z", "M8 9.500h8M8 12.500h5"],
  tag: ["M4 4h8l8.500 8.500-8 8L4 12V4Z", "M8 7.700v.2"],
  person: ["M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z", "M4.500 20.500c.5-4 3.500-6 7.500-6s7 2 7.500 6"],
  ban: ["M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", "M5.700 5.700l12.600 12.600"],
  shop: ["M4 9.500 5.500 4h13L20 9.500", "M4 9.500a2.700 2.700 0 0 0 5.300 0 2.700 2.700 0 0 0 5.400 0 2.700 2.700 0 0 0 5.300 0M5.500 12.500V20h13v-7.500M10 20v-4.500h4V20"],
  swap: "M4 8h13l-3.500-3.500M20 16H7l3.500 3.500",
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
