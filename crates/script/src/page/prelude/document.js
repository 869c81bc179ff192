// The document: finding and making things in it, writing into it, its cookies and its progress.

let readyState = 'loading';
let currentScript = null;

class Document extends Node {
  get URL() { return host.documentUrl(); }
  get documentURI() { return host.documentUrl(); }
  get compatMode() { return host.doctype() ? 'CSS1Compat' : 'BackCompat'; }
  get characterSet() { return host.charset(); }
  get charset() { return host.charset(); }
  get inputEncoding() { return host.charset(); }
  get contentType() { return 'text/html'; }
  get doctype() { return wrap(host.doctype()); }
  get documentElement() { return wrap(elementIds(this[NODE])[0]); }
  get head() { return childNamed(this.documentElement, ['head']); }
  get body() { return childNamed(this.documentElement, ['body', 'frameset']); }
  set body(element) {
    const old = this.body;
    if (old) replaceNode(old, [element]);
    else this.documentElement?.appendChild(element);
  }
  get title() { return (host.byName(this[NODE], ['title']).map(wrap).find((title) => title instanceof HTMLTitleElement)?.textContent ?? '').trim().replace(/[\t\n\f\r ]+/g, ' '); }
  set title(value) {
    let title = this.querySelector('title');
    if (!title && this.head) title = this.head.appendChild(this.createElement('title'));
    if (title) title.textContent = value;
  }
  get readyState() { return readyState; }
  get currentScript() { return currentScript; }
  get referrer() { return frameReferrer ?? host.profile()[3]; }
  get domain() { return urlParts(host.documentUrl()).hostname; }
  set domain(_) {}
  get lastModified() { return new PageDate().toLocaleString('en-US'); }
  get hidden() { return false; }
  get webkitHidden() { return false; }
  get visibilityState() { return 'visible'; }
  get webkitVisibilityState() { return 'visible'; }
  get prerendering() { return false; }
  get activeElement() { return activeElement ?? this.body; }
  get defaultView() { return window; }
  get scrollingElement() { return this.documentElement; }
  get implementation() { return implementation; }
  get fonts() { return { ready: Promise.resolve(), load: () => Promise.resolve([]), check: () => true, addEventListener: noop }; }
  get designMode() { return 'off'; }
  get fullscreenElement() { return null; }
  get timeline() { return { currentTime: host.now() }; }
  get cookie() {
    if (!host.sandbox()[2]) throw new DOMException("Failed to read the 'cookie' property from 'Document'.", 'SecurityError');
    return host.cookies();
  }
  set cookie(value) {
    if (!host.sandbox()[2]) throw new DOMException("Failed to set the 'cookie' property on 'Document'.", 'SecurityError');
    if (!/;\s*httponly\s*(;|=|$)/i.test(`${value}`)) host.setCookie(text(value));
  }
  get forms() { return byTagName(this, 'form'); }
  get images() { return byTagName(this, 'img'); }
  get links() { return htmlCollection([...this.querySelectorAll('a[href], area[href]')]); }
  get anchors() { return htmlCollection([...this.querySelectorAll('a[name]')]); }
  get scripts() { return byTagName(this, 'script'); }
  get embeds() { return byTagName(this, 'embed'); }
  get plugins() { return byTagName(this, 'embed'); }
  get styleSheets() { return Object.assign([], { item: () => null }); }
  getElementById(id) { return wrap(host.byAttribute(this[NODE], 'id', text(id))[0]); }
  getElementsByName(name) { return nodeList(wrapAll(host.byAttribute(this[NODE], 'name', text(name)))); }
  getElementsByTagName(name) { return byTagName(this, name); }
  getElementsByTagNameNS(_, name) { return byTagName(this, name); }
  getElementsByClassName(names) { return byClassName(this, names); }
  createElement(name) {
    const local = text(name).toLowerCase();
    if (!/^[a-z_:\u0080-\u{10ffff}][^\s/>\0]*$/iu.test(local)) throw new DOMException(`The tag name provided ('${name}') is not a valid name.`, 'InvalidCharacterError');
    const element = fresh(host.createElement(local, HTML));
    if (customClasses.has(local)) upgrade(element);
    return element;
  }
  createElementNS(namespace, name) { return fresh(host.createElement(text(name).replace(/^.*:/, ''), text(namespace ?? ''))); }
  createTextNode(data) { return new Text(data); }
  createComment(data) { return new Comment(data); }
  createDocumentFragment() { return new DocumentFragment(); }
  createAttribute(name) { return new Attr(null, `${name}`.toLowerCase()); }
  createRange() { return new Range(); }
  createEvent(kind) {
    const name = `${kind}`.replace(/s$/i, '').toLowerCase();
    const Class = Object.values(eventClasses).find((known) => known.name.toLowerCase() === name) ?? Event;
    if (!/^(html|.*event)$/.test(name)) throw new DOMException(`The provided event type ('${kind}') is invalid.`, 'NotSupportedError');
    return new Class('');
  }
  createTreeWalker(root, show = 0xffffffff, filter = null) { return new TreeWalker(root, show, filter); }
  createNodeIterator(root, show = 0xffffffff, filter = null) { return new TreeWalker(root, show, filter); }
  importNode(node, deep = false) { return node.cloneNode(deep); }
  adoptNode(node) {
    removeNode(node);
    return node;
  }
  write(...values) { writeMarkup(values.join('')); }
  writeln(...values) { writeMarkup(`${values.join('')}\n`); }
  open(url, name, features) {
    if (arguments.length > 2) return openWindow(url, name, features);
    if (host.parserEnded() && !host.leaving()) openAgain();
    return this;
  }
  close() { if (writing) closeWriting(); }
  hasFocus() { return true; }
  execCommand() { return false; }
  queryCommandSupported() { return false; }
  elementFromPoint() { return this.body; }
  elementsFromPoint() { return [this.body]; }
  getSelection() { return window.getSelection(); }
  exitFullscreen() { return Promise.resolve(); }
  hasStorageAccess() { return Promise.resolve(true); }
  requestStorageAccess() { return Promise.resolve(); }
  evaluate() {
    need('xpath');
    throw new DOMException('XPath is not available.', 'NotSupportedError');
  }
}
mixIn(Document, parentMembers);
class HTMLDocument extends Document {}

function childNamed(parent, names) {
  return parent ? wrap(host.children(parent[NODE]).find((id) => names.includes(host.describe(id).split(' ')[1]))) : null;
}

/** Whether the document was opened again after it was read. */
let writing = false;

/** HTML, "document open steps": what listened to the old document is forgotten. */
function openAgain() {
  listenersOf.delete(window);
  listenersOf.delete(document);
  host.openDocument();
  writing = true;
}

function writeMarkup(markup) {
  if (ignoresWrites(currentScript)) return;
  if (host.parserEnded()) {
    if (host.leaving()) return;
    openAgain();
  }
  host.write(text(markup));
}

/** An external script that does not hold up the parser has no place to write to. */
function ignoresWrites(script) {
  return script !== null && !host.parserEnded() && lateScripts.has(script[NODE]);
}

/** A document of these words only. */
function showMarkup(markup) {
  openAgain();
  host.write(text(markup));
  closeWriting();
}

function closeWriting() {
  writing = false;
  host.closeDocument();
  queueTask(() => {
    setReadyState('complete');
    if (!host.leaving()) fire(window, 'load');
  });
}

function setReadyState(state) {
  if (readyState === state) return;
  readyState = state;
  fire(document, 'readystatechange');
}

const document = wrap(1);
Object.defineProperty(document, 'location', { get: () => location, set: setHref, enumerable: true, configurable: false });

/** A document read by `DOMParser`, or made by `createHTMLDocument`: a tree without a window. */
class DetachedDocument extends DocumentFragment {
  constructor() { throw new TypeError('Illegal constructor'); }
  get documentElement() { return this.firstElementChild; }
  get head() { return childNamed(this.documentElement, ['head']); }
  get body() { return childNamed(this.documentElement, ['body', 'frameset']); }
  get title() { return this.querySelector('title')?.textContent ?? ''; }
  get forms() { return byTagName(this, 'form'); }
  get links() { return htmlCollection([...this.querySelectorAll('a[href], area[href]')]); }
  get defaultView() { return null; }
  get location() { return null; }
  getElementsByTagName(name) { return byTagName(this, name); }
  getElementsByClassName(names) { return byClassName(this, names); }
  getElementsByName(name) { return nodeList(wrapAll(host.byAttribute(this[NODE], 'name', text(name)))); }
}
for (const maker of ['createElement', 'createElementNS', 'createTextNode', 'createComment', 'createDocumentFragment', 'createEvent', 'importNode', 'adoptNode']) {
  Object.defineProperty(DetachedDocument.prototype, maker, { value: (...values) => document[maker](...values), configurable: true, writable: true });
}

function readDetached(html) {
  return Object.setPrototypeOf(fresh(host.parseDocument(text(html))), DetachedDocument.prototype);
}

class DOMParser {
  parseFromString(markup, type) {
    if (type !== 'text/html') need('xml_parser');
    return readDetached(markup);
  }
}
class XMLSerializer {
  serializeToString(node) { return host.outerHtml(idOf(node)); }
}
const implementation = {
  createHTMLDocument: (title = '') => readDetached(`<!doctype html><title>${title}</title><body>`),
  createDocument: () => readDetached(''),
  hasFeature: () => true,
};

exposeForever('document', () => document, undefined);
expose({ Document, HTMLDocument, DOMParser, XMLSerializer, XMLDocument: Document });
