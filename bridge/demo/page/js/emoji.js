// Emoji by the short names that Slack uses.

let names = {};

export async function loadEmoji() {
  const answer = await fetch("/emoji.json");
  names = (await answer.json()).plain;
}

export function emojiOf(name) {
  const [plain] = name.split("::");
  return names[plain] ?? `:${name}:`;
}
