// Links: their addresses in parts, and what a click does.

/** The parts of a URL on elements that have `href`. */
const hyperlinkMembers = {};
for (const part of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
  Object.defineProperty(hyperlinkMembers, part, {
    configurable: true,
    enumerable: true,
    get() { return urlParts(this.href)?.[part] ?? (part === 'protocol' ? ':' : ''); },
    set(value) {
      const href = host.setUrlPart(this.href, part, text(value));
      if (href !== undefined) this.href = href;
    },
  });
}
Object.defineProperties(hyperlinkMembers, Object.getOwnPropertyDescriptors({
  get origin() { return urlParts(this.href)?.origin ?? ''; },
  get relList() { return keptFor(this, 'relList', () => new DOMTokenList(this, 'rel')); },
  toString() { return this.href; },
}));

class HTMLAnchorElement extends HTMLElement {
  get text() { return this.textContent; }
  set text(value) { this.textContent = value; }
}
class HTMLAreaElement extends HTMLElement {}
for (const Class of [HTMLAnchorElement, HTMLAreaElement]) {
  mixIn(Class, hyperlinkMembers);
  reflect(Class, ['target', 'rel', 'download', 'name', 'type', 'hreflang', 'ping', 'referrerPolicy']);
  reflectUrls(Class, ['href']);
}
Object.assign(classOfName, { a: HTMLAnchorElement, area: HTMLAreaElement });
expose({ HTMLAnchorElement, HTMLAreaElement });

/** `element.click()` and clicks that pages dispatch: the event, then the default action of what was clicked. */
function clickElement(element) {
  if (isDisabled(element)) return;
  activate(element, () => fire(element, 'click', { Class: eventClasses.PointerEvent, bubbles: true, cancelable: true, composed: true }));
}

/** Runs `dispatchIt` with the activation behaviour of the nearest element that has one around it. */
function activate(element, dispatchIt) {
  let target = element;
  while (target instanceof Element && !hasActivation(target)) target = target.parentNode;
  const undo = target instanceof Element ? beforeActivation(target) : null;
  const wanted = dispatchIt();
  if (!(target instanceof Element)) return wanted;
  if (wanted) performActivation(target, element);
  else undo?.();
  return wanted;
}

function hasActivation(element) {
  return ((element instanceof HTMLAnchorElement || element instanceof HTMLAreaElement) && element.hasAttribute('href'))
    || isSvgLink(element) || element instanceof HTMLInputElement || element instanceof HTMLButtonElement
    || element instanceof HTMLLabelElement || element.localName === 'summary';
}

function isSvgLink(element) {
  return element instanceof SVGElement && element.localName === 'a' && svgHref(element) !== null;
}

function svgHref(element) {
  return element.getAttribute('href') ?? element.getAttributeNS(null, 'href');
}

function performActivation(target, clicked) {
  if (target instanceof HTMLInputElement || target instanceof HTMLButtonElement) activateControl(target);
  else if (target instanceof HTMLLabelElement) activateLabel(target, clicked);
  else if (target.localName === 'summary') target.closest('details')?.toggleAttribute('open');
  else followLink(target);
}

/** HTML, "follow the hyperlink". */
function followLink(link) {
  if (link.hasAttribute('download')) return;
  const href = isSvgLink(link) ? svgHref(link) : link.getAttribute('href');
  const url = host.resolve(text(href));
  if (url === undefined) return;
  const tokens = (link.getAttribute('rel') ?? '').toLowerCase().split(/\s+/);
  const target = link.getAttribute('target') ?? document.querySelector('base[target]')?.target ?? '';
  const policy = (link.getAttribute('referrerpolicy') ?? '').toLowerCase();
  const noReferrer = tokens.includes('noreferrer') || policy === 'no-referrer';
  navigateTarget(target, { url, cause: 'anchor', noReferrer, noOpener: tokens.includes('noopener') || noReferrer });
}
