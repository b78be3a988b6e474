// What phone and Slack themselves say on this page, in the browser's language: English, or Japanese.

const japanese = navigator.language.startsWith("ja");

export const said = (english, ja) => (japanese ? ja : english);
