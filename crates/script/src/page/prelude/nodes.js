// Nodes and their relatives: wrappers around the numbers of the tree.

/** number → wrapper; a node keeps its wrapper and what pages put on it. */
const wrappers = new Map();

function wrap(id) {
  if (!id) return null;
  let wrapper = wrappers.get(id);
  if (!wrapper) {
    wrapper = Object.create(prototypeFor(host.describe(id)));
    Object.defineProperty(wrapper, NODE, { value: id });
    if (wrapper instanceof HTMLFormElement) wrapper = new Proxy(wrapper, formTraps);
    wrappers.set(id, wrapper);
  }
  return wrapper;
}

function prototypeFor(description) {
  const [kind, name, namespace] = description.split(' ');
  switch (kind) {
    case 'e': return elementPrototype(name, namespace);
    case 't': return Text.prototype;
    case 'c': return Comment.prototype;
    case 'f': return DocumentFragment.prototype;
    case 'y': return DocumentType.prototype;
    default: return HTMLDocument.prototype;
  }
}

/** The number of a node of this document. */
function idOf(node, method = 'appendChild') {
  const id = node?.[NODE];
  if (id === undefined) throw new TypeError(`Failed to execute '${method}' on 'Node': parameter 1 is not of type 'Node'.`);
  return id;
}

function wrapAll(ids) {
  return ids.map(wrap);
}

/** Makes a new node; a full document gives none. */
function fresh(id) {
  if (!id) throw new DOMException('The document is full.', 'QuotaExceededError');
  return wrap(id);
}

function isElementId(id) {
  return host.describe(id).startsWith('e');
}

function elementIds(id) {
  return host.children(id).filter(isElementId);
}

function nearestElement(id, step) {
  let at = host[step](id);
  while (at && !isElementId(at)) at = host[step](at);
  return wrap(at);
}

class Node extends EventTarget {
  constructor() {
    super();
    return customConstruct(new.target);
  }
  get nodeType() { return { e: 1, t: 3, c: 8, d: 9, y: 10, f: 11 }[host.describe(this[NODE])[0]]; }
  get nodeName() {
    const [kind, name] = host.describe(this[NODE]).split(' ');
    return { t: '#text', c: '#comment', d: '#document', f: '#document-fragment', y: name }[kind] ?? this.tagName;
  }
  get nodeValue() { return this instanceof CharacterData ? this.data : null; }
  set nodeValue(value) { if (this instanceof CharacterData) this.data = value ?? ''; }
  get ownerDocument() { return this === document ? null : document; }
  get parentNode() { return wrap(host.parent(this[NODE])); }
  get parentElement() {
    const parent = this.parentNode;
    return parent instanceof Element ? parent : null;
  }
  get childNodes() { return nodeList(wrapAll(host.children(this[NODE]))); }
  get firstChild() { return wrap(host.first(this[NODE])); }
  get lastChild() { return wrap(host.last(this[NODE])); }
  get nextSibling() { return wrap(host.next(this[NODE])); }
  get previousSibling() { return wrap(host.previous(this[NODE])); }
  get isConnected() { return host.connected(this[NODE]); }
  get baseURI() { return host.baseUrl(); }
  get textContent() {
    if (this instanceof Document || this instanceof DocumentType) return null;
    return this instanceof CharacterData ? this.data : host.text(this[NODE]);
  }
  set textContent(value) {
    if (this instanceof CharacterData) this.data = value ?? '';
    else if (!(this instanceof Document)) replaceChildren(this, value === null || value === undefined || value === '' ? [] : [`${value}`]);
  }
  hasChildNodes() { return host.first(this[NODE]) !== 0; }
  getRootNode() {
    let at = this;
    while (at.parentNode) at = at.parentNode;
    return at;
  }
  contains(other) { return !!other && other[NODE] !== undefined && host.contains(this[NODE], other[NODE]); }
  isSameNode(other) { return this === other; }
  isEqualNode(other) { return this === other || (!!other && host.outerHtml(this[NODE]) === host.outerHtml(idOf(other))); }
  compareDocumentPosition(other) {
    if (this === other) return 0;
    if (this.contains(other)) return 20;
    if (other.contains(this)) return 10;
    const order = host.byName(this.getRootNode()[NODE], []);
    return order.indexOf(this[NODE]) < order.indexOf(other[NODE]) ? 4 : 2;
  }
  appendChild(child) { return insertNode(this, child, null); }
  insertBefore(child, before) { return insertNode(this, child, before ?? null); }
  removeChild(child) {
    if (child?.parentNode !== this) throw new DOMException('The node to be removed is not a child of this node.', 'NotFoundError');
    removeNode(child);
    return child;
  }
  replaceChild(child, old) {
    if (old?.parentNode !== this) throw new DOMException('The node to be replaced is not a child of this node.', 'NotFoundError');
    const before = old.nextSibling === child ? child.nextSibling : old.nextSibling;
    removeNode(old);
    insertNode(this, child, before);
    return old;
  }
  cloneNode(deep = false) { return copyNode(this, !!deep); }
  normalize() {}
}
for (const [name, value] of Object.entries({
  ELEMENT_NODE: 1, ATTRIBUTE_NODE: 2, TEXT_NODE: 3, CDATA_SECTION_NODE: 4, PROCESSING_INSTRUCTION_NODE: 7, COMMENT_NODE: 8,
  DOCUMENT_NODE: 9, DOCUMENT_TYPE_NODE: 10, DOCUMENT_FRAGMENT_NODE: 11, DOCUMENT_POSITION_DISCONNECTED: 1,
  DOCUMENT_POSITION_PRECEDING: 2, DOCUMENT_POSITION_FOLLOWING: 4, DOCUMENT_POSITION_CONTAINS: 8, DOCUMENT_POSITION_CONTAINED_BY: 16,
})) {
  Node[name] = value;
  Node.prototype[name] = value;
}

class CharacterData extends Node {
  get data() { return host.data(this[NODE]); }
  set data(value) {
    const old = this.data;
    host.setData(this[NODE], text(value ?? ''));
    noteMutation({ type: 'characterData', target: this, oldValue: old });
    scriptTextChanged(this.parentNode);
  }
  get length() { return this.data.length; }
  get nextElementSibling() { return nearestElement(this[NODE], 'next'); }
  get previousElementSibling() { return nearestElement(this[NODE], 'previous'); }
  substringData(from, count) { return this.data.substr(from, count); }
  appendData(more) { this.data += more; }
  insertData(at, more) { this.data = this.data.slice(0, at) + more + this.data.slice(at); }
  deleteData(at, count) { this.data = this.data.slice(0, at) + this.data.slice(at + count); }
  replaceData(at, count, more) { this.data = this.data.slice(0, at) + more + this.data.slice(at + count); }
  remove() { removeNode(this); }
  before(...nodes) { insertAll(this.parentNode, nodes, this); }
  after(...nodes) { insertAll(this.parentNode, nodes, this.nextSibling); }
  replaceWith(...nodes) { replaceNode(this, nodes); }
}

class Text extends CharacterData {
  constructor(data = '') { return fresh(host.createText(text(data))); }
  get wholeText() { return this.data; }
  splitText(at) {
    const rest = new Text(this.data.slice(at));
    this.data = this.data.slice(0, at);
    this.parentNode?.insertBefore(rest, this.nextSibling);
    return rest;
  }
}

class Comment extends CharacterData {
  constructor(data = '') { return fresh(host.createComment(text(data))); }
}

class DocumentType extends Node {
  get name() { return host.describe(this[NODE]).split(' ')[1] ?? ''; }
  get publicId() { return ''; }
  get systemId() { return ''; }
  remove() { removeNode(this); }
}

/** What documents, fragments and elements share: children and searching below. */
const parentMembers = {
  get children() { return htmlCollection(wrapAll(elementIds(this[NODE]))); },
  get firstElementChild() { return wrap(elementIds(this[NODE])[0]); },
  get lastElementChild() { return wrap(elementIds(this[NODE]).at(-1)); },
  get childElementCount() { return elementIds(this[NODE]).length; },
  querySelector(selector) { return wrap(selectIds(this[NODE], selector, 1)[0]); },
  querySelectorAll(selector) { return nodeList(wrapAll(selectIds(this[NODE], selector, 0xffffffff))); },
  append(...nodes) { insertAll(this, nodes, null); },
  prepend(...nodes) { insertAll(this, nodes, this.firstChild); },
  replaceChildren(...nodes) { replaceChildren(this, nodes); },
};

function mixIn(Class, members) {
  Object.defineProperties(Class.prototype, Object.getOwnPropertyDescriptors(members));
}

function selectIds(root, selector, most) {
  const found = host.select(root, text(selector), most);
  if (found === undefined) {
    need('selector');
    throw new DOMException(`'${selector}' is not a valid selector.`, 'SyntaxError');
  }
  return found;
}

class DocumentFragment extends Node {
  constructor() { return fresh(host.createFragment()); }
  getElementById(id) { return wrap(host.byAttribute(this[NODE], 'id', text(id))[0]); }
}
mixIn(DocumentFragment, parentMembers);

class NodeList extends Array {
  static get [Symbol.species]() { return Array; }
  item(index) { return this[index] ?? null; }
}
class HTMLCollection extends NodeList {
  namedItem(name) { return this.find((element) => element.id === name || element.getAttribute('name') === name) ?? null; }
}
function nodeList(nodes) {
  return Object.setPrototypeOf(nodes, NodeList.prototype);
}

function htmlCollection(elements) {
  const collection = Object.setPrototypeOf(elements, HTMLCollection.prototype);
  for (const element of elements) {
    for (const name of [element.id, element.getAttribute('name')]) {
      if (name && !(name in collection)) Object.defineProperty(collection, name, { value: element, configurable: true });
    }
  }
  return collection;
}

expose({ Node, CharacterData, Text, Comment, DocumentType, DocumentFragment, NodeList, HTMLCollection });
