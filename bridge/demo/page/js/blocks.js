// Block Kit as nodes, as far as the bridge uses it: https://docs.slack.dev/reference/block-kit

import { h, langOf, safeUrl } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { control, fillable } from "./inputs.js";
import { channel, drawn, link, mention, mrkdwn, plain } from "./mrkdwn.js";
import { faceAt, picture, state } from "./store.js";
import { date } from "./time.js";
import { worded } from "./words.js";

// press(block, element, value): what a button or menu does.
export function blocks(list, press) {
  return (list ?? []).map((block) => KINDS[block.type]?.(block, press) ?? h("p.unknown", {}, `(${block.type})`));
}

const KINDS = {
  rich_text: (block) => h("div.rich", { lang: langOf(JSON.stringify(block.elements)) }, block.elements.map(rich)),
  section: (block, press) =>
    h("div.section", {},
      h("div.section-text", {}, block.text && words(block.text),
        block.fields && h("div.fields", {}, block.fields.map((field) => h("div", {}, words(field))))),
      block.accessory && h("div.accessory", {}, element(block, block.accessory, press))),
  context: (block, press) => h("div.context", {}, block.elements.map((each) => (each.text !== undefined && each.type !== "button" ? h("span", {}, words(each)) : element(block, each, press)))),
  actions: (block, press) => h("div.actions", {}, block.elements.map((each) => element(block, each, press))),
  context_actions: (block, press) => h("div.actions", {}, block.elements.map((each) => element(block, each, press))),
  image: (block) => h("figure.image", {}, block.title && h("figcaption", {}, words(block.title)), image(block)),
  divider: () => h("hr"),
  header: (block) => h("h4.header", { lang: langOf(block.text.text) }, plain(block.text.text)),
  markdown: (block) => h("div", {}, mrkdwn(block.text)),
};

export function words(text) {
  return h("span", { lang: langOf(text.text) }, text.type === "mrkdwn" ? mrkdwn(text.text) : plain(text.text));
}

function image(shape) {
  const address = shape.slack_file ? shape.slack_file.url : shape.image_url;
  const src = faceAt(address) ?? picture(address);
  return src ? h("img", { src, alt: shape.alt_text ?? "", loading: "lazy" }) : h("span.unknown", {}, shape.alt_text ?? "");
}

function element(block, shape, press) {
  const name = shape.action_id;
  switch (shape.type) {
    case "button": {
      const href = shape.url && safeUrl(shape.url);
      const look = { class: `button ${shape.style ?? ""}`, data: { focus: `${name}:${shape.value ?? ""}` }, lang: langOf(shape.text.text) };
      const onclick = () => press(block, shape, shape.value);
      const label = plain(shape.text.text);
      if (href) return h("a", { ...look, href, target: "_blank", rel: "noopener noreferrer", onclick }, label);
      return h("button", { ...look, type: "button", onclick }, label);
    }
    case "overflow":
    case "static_select":
      return menu(block, shape, press);
    case "image":
      return image(shape);
    default: {
      if (!fillable(shape.type)) return h("span.unknown", {}, `(${shape.type})`);
      const label = shape.placeholder?.text ?? shape.action_id;
      return control(shape, undefined, { changed: (value) => press(block, shape, value ?? null), label }).root;
    }
  }
}

function menu(block, shape, press) {
  const options = shape.options ?? shape.option_groups?.flatMap((group) => group.options) ?? [];
  const label = shape.placeholder?.text ?? worded("More…");
  const onchange = (event) => {
    if (event.target.value) press(block, shape, event.target.value);
    event.target.value = shape.initial_option?.value ?? "";
  };
  const made = h("select.button", { "aria-label": label, onchange, data: { focus: shape.action_id } },
    h("option", { value: "" }, shape.type === "overflow" ? "⋯" : label),
    options.map((option) => h("option", { value: option.value }, option.text.text)));
  made.value = shape.initial_option?.value ?? "";
  return made;
}

// --- rich text

const CONTAINERS = {
  rich_text_section: (part) => h("div.line", {}, part.elements.map(leaf)),
  rich_text_quote: (part) => h("blockquote", {}, part.elements.map(leaf)),
  rich_text_preformatted: (part) => h("pre", {}, part.elements.map(leaf)),
  rich_text_list: (part) => {
    const made = h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent ?? 0}` }, part.elements.map((item) => h("li", {}, item.elements.map(leaf))));
    if (part.style === "ordered" && part.offset) made.start = part.offset + 1;
    return made;
  },
};

const rich = (part) => CONTAINERS[part.type]?.(part) ?? h("span.unknown", {}, `(${part.type})`);

function leaf(part) {
  const { style = {} } = part;
  let node = bare(part);
  for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "i"], ["bold", "b"]]) if (style[name]) node = h(tag, {}, node);
  return node;
}

function bare(part) {
  switch (part.type) {
    case "text": return h("span.text", { lang: langOf(part.text) }, drawn(part.text));
    case "link": return link(part.url, part.text ?? part.url);
    case "user": return mention(part.user_id);
    case "channel": return channel(part.channel_id);
    case "usergroup": return h("span.mention", {}, `@${state.slack.usergroups.find((each) => each.id === part.usergroup_id)?.handle ?? "group"}`);
    case "broadcast": return h("span.mention.loud", {}, `@${part.range}`);
    case "emoji": return h("span.emoji", { role: "img", "aria-label": part.name }, sign(part));
    case "date": return date(part.timestamp, part.format, part.fallback);
    case "color": return document.createTextNode(part.value);
    default: return h("span.unknown", {}, `(${part.type})`);
  }
}

function sign(part) {
  if (!part.unicode) return emojiOf(part.name);
  return String.fromCodePoint(...part.unicode.split("-").map((point) => parseInt(point, 16)));
}
