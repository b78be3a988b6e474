// The app's slash commands and their words, as Slack offers them.

import { state } from "./store.js";

const MORE = "…";

// Those that begin with what stands there; none once it is all there.
export function commands(text) {
  if (!text.startsWith("/") || text.includes("\n")) return null;
  const all = (state.demo?.commands ?? []).flatMap((command) => command.words.map((word) => ({ text: `${command.name} ${word}`, about: command.about })));
  const typed = text.toLowerCase();
  const options = all.filter((each) => each.text.startsWith(typed) && each.text !== typed).map((each, number) => {
    const value = each.text.endsWith(MORE) ? each.text.slice(0, -MORE.length) : each.text;
    return { text: each.text, about: number ? "" : each.about, filled: { value, caret: value.length } };
  });
  return { label: "Commands", options };
}
