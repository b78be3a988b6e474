// The app's own place in Slack: its Home tab, and its messages beside it. Opening Home tells the app, as in Slack.

import { blocks } from "./blocks.js";
import { h, oneStop, roving, sync } from "./dom.js";
import { act, state } from "./store.js";
import { show, view } from "./view.js";
import { worded } from "./words.js";

const TABS = [["home", "Home"], ["messages", "Messages"]];
const parts = {};
let opened = "";

// The tabs stand in the channel's header, the page in the place of its messages.
export function build() {
  parts.tabs = h("div.tabs", { role: "tablist", "aria-label": "Threadbridge", hidden: true },
    TABS.map(([key, name]) => h("button.tab", { type: "button", role: "tab", id: `tab-${key}`, tabIndex: -1, onclick: () => show({ tab: key }), data: { tab: key } }, worded(name))));
  roving(parts.tabs, "button", { across: true });
  parts.page = h("div.app-home", { role: "tabpanel", "aria-labelledby": "tab-home", tabIndex: -1, hidden: true });
  return parts;
}

// Draw it where somebody looks at the app; whether Home is before them.
export function draw(direct) {
  parts.tabs.hidden = !direct;
  const before = direct && view.tab === "home";
  parts.page.hidden = !before;
  for (const tab of parts.tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.tab === view.tab));
  oneStop(parts.tabs, "button", parts.tabs.querySelector("[aria-selected=true]"));
  tell(direct);
  if (before) fill();
  return before;
}

// Slack says each time which tab somebody has opened.
function tell(direct) {
  const now = direct ? `${view.person}/${view.tab}` : "";
  if (now === opened) return;
  opened = now;
  if (now) act("slack/open_home", { user: view.person, tab: view.tab });
}

function fill() {
  const home = state.slack.homes[view.person];
  const moved = parts.page.dataset.person !== view.person;
  parts.page.dataset.person = view.person;
  if (moved) parts.page.replaceChildren();
  const listed = home
    ? home.blocks.map((block, number) => ({ key: `${number}`, signature: JSON.stringify({ ...block, block_id: null }), block }))
    : [{ key: "waits", signature: worded("One moment…"), block: { type: "section", text: { type: "plain_text", text: worded("One moment…") } } }];
  sync(parts.page, listed, ({ block }) => h("div.home-block", { class: `home-${block.type}` }, blocks([block], press)));
}

// A block's id is another each time it is published: what is pressed is told by its own name and value.
function press(_block, element, value) {
  const home = state.slack.homes[view.person];
  if (home) act("slack/click_view", { user: view.person, view_id: home.id, action_id: element.action_id, ...(value === undefined || value === null ? {} : { value }) });
}
