// Elements of any kind: attributes, classes, styles, markup, geometry that a page without a screen has.

/** Defines properties that mirror attributes of the same or another name. */
function reflect(Class, names) {
  for (const [property, attribute = property.toLowerCase()] of names.map((name) => [].concat(name))) {
    Object.defineProperty(Class.prototype, property, {
      configurable: true,
      enumerable: true,
      get() { return this.getAttribute(attribute) ?? ''; },
      set(value) { this.setAttribute(attribute, value); },
    });
  }
}

function reflectFlags(Class, names) {
  for (const [property, attribute = property.toLowerCase()] of names.map((name) => [].concat(name))) {
    Object.defineProperty(Class.prototype, property, {
      configurable: true,
      enumerable: true,
      get() { return this.hasAttribute(attribute); },
      set(value) { this.toggleAttribute(attribute, !!value); },
    });
  }
}

/** Attributes that are addresses: read resolved, written as they are. */
function reflectUrls(Class, names) {
  for (const name of names) {
    Object.defineProperty(Class.prototype, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = this.getAttribute(name.toLowerCase());
        return value === null ? '' : host.resolve(text(value)) ?? value;
      },
      set(value) { this.setAttribute(name.toLowerCase(), value); },
    });
  }
}

class DOMTokenList {
  #element;
  #attribute;
  constructor(element, attribute) {
    this.#element = element;
    this.#attribute = attribute;
  }
  #tokens() { return [...new Set((this.#element.getAttribute(this.#attribute) ?? '').split(/[\t\n\f\r ]+/).filter(Boolean))]; }
  #write(tokens) { this.#element.setAttribute(this.#attribute, tokens.join(' ')); }
  get value() { return this.#element.getAttribute(this.#attribute) ?? ''; }
  set value(value) { this.#element.setAttribute(this.#attribute, value); }
  get length() { return this.#tokens().length; }
  item(index) { return this.#tokens()[index] ?? null; }
  contains(token) { return this.#tokens().includes(`${token}`); }
  add(...tokens) { this.#write([...new Set([...this.#tokens(), ...tokens.map(String)])]); }
  remove(...tokens) { this.#write(this.#tokens().filter((token) => !tokens.includes(token))); }
  toggle(token, force = !this.contains(token)) {
    if (force) this.add(token);
    else this.remove(token);
    return !!force;
  }
  replace(old, token) {
    const had = this.contains(old);
    if (had) this.#write(this.#tokens().map((known) => (known === old ? token : known)));
    return had;
  }
  supports() { return true; }
  forEach(callback, self) { this.#tokens().forEach((token, index) => callback.call(self, token, index, this)); }
  [Symbol.iterator]() { return this.#tokens()[Symbol.iterator](); }
  toString() { return this.value; }
}

const camel = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function datasetOf(element) {
  const attribute = (name) => `data-${dashed(name)}`;
  const names = () => element.getAttributeNames().filter((name) => name.startsWith('data-')).map((name) => camel(name.slice(5)));
  return new Proxy({}, {
    get: (_, name) => (typeof name === 'string' ? element.getAttribute(attribute(name)) ?? undefined : undefined),
    set: (_, name, value) => (element.setAttribute(attribute(name), value), true),
    has: (_, name) => typeof name === 'string' && element.hasAttribute(attribute(name)),
    deleteProperty: (_, name) => (element.removeAttribute(attribute(name)), true),
    ownKeys: names,
    getOwnPropertyDescriptor: (_, name) => (names().includes(name)
      ? { value: element.getAttribute(attribute(name)), enumerable: true, configurable: true, writable: true } : undefined),
  });
}

class CSSStyleDeclaration {}

function parseDeclarations(source) {
  const rules = source.split(';').map((rule) => rule.split(/:(.*)/s).map((part) => part?.trim()));
  return new Map(rules.filter(([name, value]) => name && value).map(([name, value]) => [name.toLowerCase(), value]));
}

/** `element.style`: what its attribute says. `read` and `write` are the attribute's text. */
function styleOf(read, write) {
  const change = (name, value) => {
    const rules = parseDeclarations(read());
    if (value === null || value === undefined || value === '') rules.delete(name);
    else rules.set(name, `${value}`);
    write([...rules].map(([known, text]) => `${known}: ${text};`).join(' '));
  };
  const methods = {
    getPropertyValue: (name) => parseDeclarations(read()).get(`${name}`.toLowerCase()) ?? '',
    setProperty: (name, value) => change(`${name}`.toLowerCase(), value),
    removeProperty: (name) => change(`${name}`.toLowerCase(), ''),
    getPropertyPriority: () => '',
    item: (index) => [...parseDeclarations(read()).keys()][index] ?? '',
  };
  return new Proxy(Object.create(CSSStyleDeclaration.prototype), {
    get(target, name) {
      if (typeof name !== 'string') return target[name];
      if (name === 'cssText') return read();
      if (name === 'length') return parseDeclarations(read()).size;
      return methods[name] ?? (name in Object.prototype ? target[name] : parseDeclarations(read()).get(dashed(name)) ?? '');
    },
    set(_, name, value) {
      if (name === 'cssText') write(`${value}`);
      else change(dashed(`${name}`), value);
      return true;
    },
    has: () => true,
  });
}

class Attr {
  constructor(element, name) {
    this.ownerElement = element;
    this.name = this.nodeName = this.localName = name;
    this.specified = true;
  }
  get value() { return this.ownerElement?.getAttribute(this.name) ?? ''; }
  set value(value) { this.ownerElement?.setAttribute(this.name, value); }
  get nodeValue() { return this.value; }
  get textContent() { return this.value; }
}

const extras = new WeakMap();

/** An object kept for an element under a name, made when first asked for. */
function keptFor(element, name, make) {
  let kept = extras.get(element);
  if (!kept) extras.set(element, (kept = {}));
  return (kept[name] ??= make());
}

/** HTML elements know their attributes in lowercase. */
function attributeName(element, name) {
  const wanted = text(name);
  return element.namespaceURI === HTML ? wanted.toLowerCase() : wanted;
}

function insertAdjacent(element, where, node) {
  switch (`${where}`.toLowerCase()) {
    case 'beforebegin': element.parentNode?.insertBefore(node, element); break;
    case 'afterbegin': element.insertBefore(node, element.firstChild); break;
    case 'beforeend': element.appendChild(node); break;
    case 'afterend': element.parentNode?.insertBefore(node, element.nextSibling); break;
    default: throw new DOMException(`The value provided ('${where}') is not one of the four places.`, 'SyntaxError');
  }
  return node;
}

class Element extends Node {
  get namespaceURI() { return host.describe(this[NODE]).split(' ')[2]; }
  get localName() { return host.describe(this[NODE]).split(' ')[1]; }
  get prefix() { return null; }
  get tagName() {
    const [, name, namespace] = host.describe(this[NODE]).split(' ');
    return namespace === HTML ? name.toUpperCase() : name;
  }
  get id() { return this.getAttribute('id') ?? ''; }
  set id(value) { this.setAttribute('id', value); }
  get className() { return this.getAttribute('class') ?? ''; }
  set className(value) { this.setAttribute('class', value); }
  get classList() { return keptFor(this, 'classList', () => new DOMTokenList(this, 'class')); }
  set classList(value) { this.className = value; }
  get slot() { return this.getAttribute('slot') ?? ''; }
  get attributes() {
    const list = this.getAttributeNames().map((name) => new Attr(this, name));
    for (const attribute of list) if (!(attribute.name in list)) list[attribute.name] = attribute;
    return Object.assign(list, { item: (at) => list[at] ?? null, getNamedItem: (name) => this.getAttributeNode(name) });
  }
  getAttribute(name) { return host.attribute(this[NODE], attributeName(this, name)) ?? null; }
  getAttributeNS(_, name) { return host.attribute(this[NODE], text(name)) ?? host.attribute(this[NODE], `xlink:${name}`) ?? null; }
  getAttributeNames() { return host.attributeNames(this[NODE]); }
  getAttributeNode(name) { return this.hasAttribute(name) ? new Attr(this, attributeName(this, name)) : null; }
  hasAttribute(name) { return host.attribute(this[NODE], attributeName(this, name)) !== undefined; }
  hasAttributes() { return host.attributeNames(this[NODE]).length > 0; }
  setAttribute(name, value) {
    const known = attributeName(this, name);
    if (!/^[^\s"'<>/=\0]+$/.test(known)) throw new DOMException(`'${name}' is not a valid attribute name.`, 'InvalidCharacterError');
    const old = host.attribute(this[NODE], known) ?? null;
    host.setAttribute(this[NODE], known, text(value));
    attributeChanged(this, known, old, text(value));
  }
  setAttributeNS(_, name, value) { this.setAttribute(name, value); }
  setAttributeNode(attribute) { this.setAttribute(attribute.name, attribute.value); }
  removeAttribute(name) {
    const known = attributeName(this, name);
    const old = host.attribute(this[NODE], known);
    if (old === undefined) return;
    host.removeAttribute(this[NODE], known);
    attributeChanged(this, known, old, null);
  }
  removeAttributeNS(_, name) { this.removeAttribute(name); }
  toggleAttribute(name, force = !this.hasAttribute(name)) {
    if (!force) this.removeAttribute(name);
    else if (!this.hasAttribute(name)) this.setAttribute(name, '');
    return !!force;
  }
  get innerHTML() { return host.innerHtml(this[NODE]); }
  set innerHTML(html) {
    const fragment = parseInert(this.localName, html ?? '');
    const target = this.content instanceof DocumentFragment ? this.content : this;
    replaceChildren(target, [fragment]);
  }
  get outerHTML() { return host.outerHtml(this[NODE]); }
  set outerHTML(html) { replaceNode(this, [parseInert(this.parentElement?.localName ?? 'body', html ?? '')]); }
  getHTML() { return this.innerHTML; }
  setHTMLUnsafe(html) { this.innerHTML = html; }
  insertAdjacentHTML(where, html) {
    const around = /^(beforebegin|afterend)$/i.test(where);
    const context = around ? this.parentElement : this;
    insertAdjacent(this, where, parseInert(context?.localName ?? 'body', html));
  }
  insertAdjacentElement(where, element) { return insertAdjacent(this, where, element); }
  insertAdjacentText(where, data) { insertAdjacent(this, where, new Text(data)); }
  get nextElementSibling() { return nearestElement(this[NODE], 'next'); }
  get previousElementSibling() { return nearestElement(this[NODE], 'previous'); }
  matches(selector) {
    const result = host.matches(this[NODE], text(selector), this[NODE]);
    if (result === undefined) selectIds(this[NODE], selector, 1);
    return result;
  }
  webkitMatchesSelector(selector) { return this.matches(selector); }
  closest(selector) {
    for (let at = this; at instanceof Element; at = at.parentNode) if (at.matches(selector)) return at;
    return null;
  }
  getElementsByTagName(name) { return byTagName(this, name); }
  getElementsByTagNameNS(_, name) { return byTagName(this, name); }
  getElementsByClassName(names) { return byClassName(this, names); }
  remove() { removeNode(this); }
  before(...nodes) { insertAll(this.parentNode, nodes, this); }
  after(...nodes) { insertAll(this.parentNode, nodes, this.nextSibling); }
  replaceWith(...nodes) { replaceNode(this, nodes); }
  getBoundingClientRect() { return boxOf(this); }
  getClientRects() { return isShown(this) ? [boxOf(this)] : []; }
  checkVisibility() { return isShown(this); }
  scrollIntoView() {}
  scroll() {}
  scrollTo() {}
  scrollBy() {}
  animate() { return { finished: Promise.resolve(), cancel() {}, play() {}, pause() {}, finish() {}, addEventListener() {} }; }
  getAnimations() { return []; }
  attachShadow() {
    need('shadow_dom');
    return keptFor(this, 'shadow', () => new DocumentFragment());
  }
  get shadowRoot() { return null; }
  requestFullscreen() { return Promise.reject(new TypeError('Permissions check failed')); }
  setPointerCapture() {}
  releasePointerCapture() {}
}
mixIn(Element, parentMembers);
for (const side of ['width', 'height']) {
  const name = side[0].toUpperCase() + side.slice(1);
  const size = function () { return this === document.documentElement ? viewport[side] : boxOf(this)[side]; };
  getters(Element.prototype, { [`client${name}`]: size, [`scroll${name}`]: size });
}
getters(Element.prototype, { clientTop: () => 0, clientLeft: () => 0 });
for (const name of ['scrollTop', 'scrollLeft']) Object.defineProperty(Element.prototype, name, { value: 0, writable: true, configurable: true });

function byTagName(root, name) {
  const wanted = `${name}`;
  return htmlCollection(wrapAll(host.byName(root[NODE], wanted === '*' ? [] : [wanted.toLowerCase(), wanted])).filter((node) => node instanceof Element));
}

function byClassName(root, names) {
  const classes = `${names}`.split(/\s+/).filter(Boolean);
  const found = wrapAll(host.byName(root[NODE], [])).filter((node) => node instanceof Element);
  return htmlCollection(classes.length === 0 ? [] : found.filter((element) => classes.every((name) => element.classList.contains(name))));
}

/** What a changed attribute does. */
function attributeChanged(element, name, old, value) {
  if (name === 'id' || name === 'name') syncNames();
  if (name.startsWith('on')) {
    const target = element === document.body && BODY_HANDLER_TYPES.includes(name.slice(2)) ? window : element;
    setHandler(target, name.slice(2), value === null ? { value: null } : { source: value, element });
  }
  customAttributeChanged(element, name, old, value);
  noteMutation({ type: 'attributes', target: element, attributeName: name, oldValue: old });
  attributeTakesEffect(element, name);
}

expose({ Element, Attr, DOMTokenList, CSSStyleDeclaration });
