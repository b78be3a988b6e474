() => {
  const wrong = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const path = (element) => `${element.tagName.toLowerCase()}.${element.className} “${element.textContent.slice(0, 30)}”`;
  const label = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const named = by ? by.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ") : "";
    const own = element.labels?.[0]?.textContent ?? "";
    const images = [...element.querySelectorAll("img")].map((image) => image.alt).join(" ");
    return [element.getAttribute("aria-label"), named, own, element.textContent, images, element.title].join("").trim();
  };
  for (const element of document.querySelectorAll("button, a, input, textarea, select, [role=button], [role=tab], [role=radio]"))
    if (shown(element) && !label(element)) wrong.push(`no name: ${path(element)}`);
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) wrong.push(`no alternative: ${image.src}`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) wrong.push(`id used twice: ${id}`);

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== "none" && each !== document.body) return null;
      const colour = rgba(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, [r, g, b, a]) => [0, 1, 2].map((i) => [r, g, b][i] * a + below[i] * (1 - a)), [255, 255, 255]);
  };
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !shown(element) || element.closest(".visually-hidden, [aria-hidden=true], .emoji, button:disabled")) continue;
    const back = behind(element);
    if (!back) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${path(element)}`);
  }
  return wrong;
}
