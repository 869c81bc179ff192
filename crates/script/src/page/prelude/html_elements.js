// The HTML elements whose class matters to pages, and which class a name has.

class HTMLElement extends Element {
  get style() { return keptFor(this, 'style', () => styleOf(() => this.getAttribute('style') ?? '', (value) => this.setAttribute('style', value))); }
  set style(value) { this.setAttribute('style', value); }
  get dataset() { return keptFor(this, 'dataset', () => datasetOf(this)); }
  get innerText() { return this.textContent; }
  set innerText(value) { this.textContent = value; }
  get outerText() { return this.textContent; }
  get offsetParent() { return isShown(this) && this !== document.body ? document.body : null; }
  get isContentEditable() { return false; }
  get tabIndex() { return Number(this.getAttribute('tabindex') ?? -1); }
  set tabIndex(value) { this.setAttribute('tabindex', value); }
  click() { clickElement(this); }
  focus() {
    if (document.activeElement === this) return;
    activeElement = this;
    fire(this, 'focus', { Class: eventClasses.FocusEvent });
    fire(this, 'focusin', { Class: eventClasses.FocusEvent, bubbles: true });
  }
  blur() {
    if (activeElement !== this) return;
    activeElement = null;
    fire(this, 'blur', { Class: eventClasses.FocusEvent });
  }
}
let activeElement = null;
reflect(HTMLElement, ['title', 'lang', 'dir', 'accessKey', 'nonce', 'inputMode', ['role', 'role'], ['contentEditable', 'contenteditable']]);
reflectFlags(HTMLElement, ['hidden', 'inert', 'autofocus']);
getters(HTMLElement.prototype, {
  offsetWidth() { return boxOf(this).width; },
  offsetHeight() { return boxOf(this).height; },
  offsetTop() { return boxOf(this).top; },
  offsetLeft() { return boxOf(this).left; },
});

/** Name of class → names of elements that have it and nothing else of interest. */
const plainClasses = {
  HTMLDivElement: 'div', HTMLSpanElement: 'span', HTMLParagraphElement: 'p', HTMLHeadElement: 'head', HTMLHtmlElement: 'html',
  HTMLUListElement: 'ul', HTMLOListElement: 'ol', HTMLLIElement: 'li', HTMLBRElement: 'br', HTMLHRElement: 'hr',
  HTMLTableElement: 'table', HTMLTableRowElement: 'tr', HTMLTableCellElement: 'td th', HTMLTableSectionElement: 'tbody thead tfoot',
  HTMLHeadingElement: 'h1 h2 h3 h4 h5 h6', HTMLPreElement: 'pre', HTMLQuoteElement: 'q blockquote', HTMLDetailsElement: 'details',
  HTMLDialogElement: 'dialog', HTMLPictureElement: 'picture', HTMLSourceElement: 'source', HTMLMapElement: 'map',
  HTMLObjectElement: 'object', HTMLEmbedElement: 'embed', HTMLFrameSetElement: 'frameset', HTMLSlotElement: 'slot',
  HTMLProgressElement: 'progress', HTMLLegendElement: 'legend', HTMLDListElement: 'dl', HTMLTimeElement: 'time',
};
const classOfName = {};
for (const [name, elements] of Object.entries(plainClasses)) {
  const made = { [name]: class extends HTMLElement {} }[name];
  expose({ [name]: made });
  for (const element of elements.split(' ')) classOfName[element] = made;
}
reflectFlags(classOfName.details, ['open']);
reflectFlags(classOfName.dialog, ['open']);
reflectUrls(classOfName.embed, ['src']);
reflectUrls(classOfName.object, ['data']);
Object.assign(classOfName.dialog.prototype, { show() { this.open = true; }, showModal() { this.open = true; }, close() { this.open = false; } });

class HTMLUnknownElement extends HTMLElement {}
class SVGElement extends Element {
  get style() { return HTMLElement.prototype.__lookupGetter__('style').call(this); }
  get dataset() { return keptFor(this, 'dataset', () => datasetOf(this)); }
  get ownerSVGElement() { return this.closest('svg'); }
  focus() {}
  blur() {}
}

class HTMLBodyElement extends HTMLElement {}
class HTMLTitleElement extends HTMLElement {
  get text() { return this.textContent; }
  set text(value) { this.textContent = value; }
}
class HTMLMetaElement extends HTMLElement {}
reflect(HTMLMetaElement, ['name', 'content', ['httpEquiv', 'http-equiv'], 'scheme', 'media']);
class HTMLBaseElement extends HTMLElement {}
reflect(HTMLBaseElement, ['target']);
reflectUrls(HTMLBaseElement, ['href']);
class HTMLLinkElement extends HTMLElement {
  get relList() { return keptFor(this, 'relList', () => new DOMTokenList(this, 'rel')); }
  get sheet() { return null; }
}
reflect(HTMLLinkElement, ['rel', 'type', 'media', 'as', 'crossOrigin', 'integrity', 'hreflang']);
reflectUrls(HTMLLinkElement, ['href']);
reflectFlags(HTMLLinkElement, ['disabled']);
class HTMLStyleElement extends HTMLElement {
  get sheet() { return { cssRules: [], insertRule: () => 0, deleteRule: noop }; }
}
reflect(HTMLStyleElement, ['type', 'media']);
class HTMLImageElement extends HTMLElement {
  get complete() { return true; }
  get naturalWidth() { return 0; }
  get naturalHeight() { return 0; }
  get currentSrc() { return this.src; }
  get width() { return Number(this.getAttribute('width')) || 0; }
  set width(value) { this.setAttribute('width', value); }
  get height() { return Number(this.getAttribute('height')) || 0; }
  set height(value) { this.setAttribute('height', value); }
  decode() { return Promise.reject(new DOMException('The source image cannot be decoded.', 'EncodingError')); }
}
reflect(HTMLImageElement, ['alt', 'name', 'srcset', 'sizes', 'loading', 'decoding', 'crossOrigin', 'referrerPolicy', 'useMap']);
reflectUrls(HTMLImageElement, ['src']);
class HTMLTemplateElement extends HTMLElement {
  get content() { return wrap(host.template(this[NODE])); }
}
class HTMLMediaElement extends HTMLElement {
  play() { return Promise.reject(new DOMException('The element has no supported sources.', 'NotSupportedError')); }
  pause() {}
  load() {}
  canPlayType() { return ''; }
  get paused() { return true; }
  get duration() { return NaN; }
}
reflectUrls(HTMLMediaElement, ['src']);
class HTMLVideoElement extends HTMLMediaElement {}
class HTMLAudioElement extends HTMLMediaElement {}
class HTMLCanvasElement extends HTMLElement {
  get width() { return Number(this.getAttribute('width') ?? 300); }
  set width(value) { this.setAttribute('width', value); }
  get height() { return Number(this.getAttribute('height') ?? 150); }
  set height(value) { this.setAttribute('height', value); }
  getContext() {
    need('canvas');
    return null;
  }
  toDataURL() {
    need('canvas');
    return 'data:,';
  }
}
class HTMLIFrameElement extends HTMLElement {
  get contentWindow() { return frameWindow(this); }
  get contentDocument() { return frameDocument(this); }
}
reflect(HTMLIFrameElement, ['name', 'srcdoc', 'width', 'height', 'allow', 'loading', 'referrerPolicy', 'frameBorder', 'scrolling', 'align']);
reflectUrls(HTMLIFrameElement, ['src']);
Object.defineProperty(HTMLIFrameElement.prototype, 'sandbox', {
  get() { return keptFor(this, 'sandbox', () => new DOMTokenList(this, 'sandbox')); },
  set(value) { this.setAttribute('sandbox', value); },
  configurable: true,
});
class HTMLFrameElement extends HTMLIFrameElement {}

Object.assign(classOfName, {
  body: HTMLBodyElement, title: HTMLTitleElement, meta: HTMLMetaElement, base: HTMLBaseElement, link: HTMLLinkElement,
  style: HTMLStyleElement, img: HTMLImageElement, template: HTMLTemplateElement, video: HTMLVideoElement, audio: HTMLAudioElement,
  canvas: HTMLCanvasElement, iframe: HTMLIFrameElement, frame: HTMLFrameElement,
});
/** Known names without a class of their own. */
const plainNames = new Set(wordsOf(`abbr address article aside b bdi bdo center cite code dd dfn dt em figcaption figure footer header hgroup i
  kbd main mark nav noframes noscript rp rt ruby s samp section small strike strong sub summary sup tt u var wbr big acronym
  nobr search`));

function elementPrototype(name, namespace) {
  if (namespace === SVG) return SVGElement.prototype;
  if (namespace !== HTML) return Element.prototype;
  const Class = Object.hasOwn(classOfName, name) ? classOfName[name] : null;
  if (Class) return Class.prototype;
  return plainNames.has(name) || name.includes('-') ? HTMLElement.prototype : HTMLUnknownElement.prototype;
}

/** `new Image()` and its kind: functions that make elements. */
function elementMaker(name, fill, Class) {
  const maker = function (...values) {
    const element = document.createElement(name);
    fill(element, values);
    return element;
  };
  maker.prototype = Class.prototype;
  return maker;
}

handlerProperties(HTMLElement.prototype, HANDLER_TYPES);
handlerProperties(HTMLBodyElement.prototype, WINDOW_HANDLER_TYPES);
handlerProperties(SVGElement.prototype, HANDLER_TYPES);
expose({
  HTMLElement, HTMLUnknownElement, SVGElement, SVGSVGElement: class SVGSVGElement extends SVGElement {}, HTMLBodyElement, HTMLTitleElement,
  HTMLMetaElement, HTMLBaseElement, HTMLLinkElement, HTMLStyleElement, HTMLImageElement, HTMLTemplateElement, HTMLMediaElement,
  HTMLVideoElement, HTMLAudioElement, HTMLCanvasElement, HTMLIFrameElement, HTMLFrameElement,
  Image: elementMaker('img', (image, [width, height]) => {
    if (width !== undefined) image.width = width;
    if (height !== undefined) image.height = height;
  }, HTMLImageElement),
  Audio: elementMaker('audio', (audio, [src]) => { if (src !== undefined) audio.src = src; }, HTMLAudioElement),
});
