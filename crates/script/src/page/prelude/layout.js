// What a page without a screen can say of sizes: whether an element is shown at all, and a plain box if so.

/** Selectors of the page's own style sheets that hide what they mean. */
function hidingSelectors() {
  const sheets = host.byName(document[NODE], ['style']).map((id) => host.text(id).replace(/\/\*.*?\*\//gs, ''));
  return sheets.flatMap((sheet) => [...sheet.matchAll(/([^{}]+)\{[^{}]*\bdisplay\s*:\s*none/g)].map(([, selector]) => selector.trim()));
}

function isHiddenItself(element, selectors) {
  const inline = parseDeclarations(element.getAttribute('style') ?? '').get('display');
  if (inline !== undefined) return /^none\b/.test(inline);
  return element.hasAttribute('hidden') || ['head', 'script', 'style', 'template', 'title', 'meta', 'link'].includes(element.localName)
    || selectors.some((selector) => host.matches(element[NODE], text(selector), element[NODE]) === true);
}

function isShown(element) {
  if (!element.isConnected) return false;
  const selectors = hidingSelectors();
  for (let at = element; at instanceof Element; at = at.parentNode) if (isHiddenItself(at, selectors)) return false;
  return true;
}

/** A line of text in the page's width. */
const LINE_PX = 18;
const MARGIN_PX = 8;

function boxOf(element) {
  const shown = isShown(element);
  const [width, height] = shown ? [viewport.width - 2 * MARGIN_PX, LINE_PX] : [0, 0];
  const [left, top] = shown ? [MARGIN_PX, MARGIN_PX] : [0, 0];
  return rectangle({ left, top, width, height });
}

function rectangle({ left = 0, top = 0, width = 0, height = 0 } = {}) {
  return { x: left, y: top, left, top, width, height, right: left + width, bottom: top + height, toJSON() { return { ...this }; } };
}

function computedStyle(element) {
  const inline = element.getAttribute('style') ?? '';
  const display = isHiddenItself(element, hidingSelectors()) ? 'none' : 'block';
  const base = `display: ${display}; visibility: visible; position: static; opacity: 1; width: auto; height: auto`;
  return styleOf(() => `${base}; ${inline}`, noop);
}
