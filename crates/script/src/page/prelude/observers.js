// Observers, ranges, selections, tree walkers: what libraries take for granted.

class MutationObserver {
  #callback;
  #watched = new Map();
  #records = [];
  #scheduled = false;
  constructor(callback) {
    if (typeof callback !== 'function') throw new TypeError("Failed to construct 'MutationObserver': parameter 1 is not of type 'Function'.");
    this.#callback = callback;
  }
  observe(target, options = {}) {
    idOf(target, 'observe');
    this.#watched.set(target, options);
    mutationObservers.add(this);
  }
  disconnect() {
    this.#watched.clear();
    this.#records = [];
    mutationObservers.delete(this);
  }
  takeRecords() { return this.#records.splice(0); }
  consider(record) {
    if (![...this.#watched].some(([target, options]) => this.#concerns(target, options, record))) return;
    this.#records.push({ addedNodes: [], removedNodes: [], attributeName: null, oldValue: null, previousSibling: null, nextSibling: null, ...record });
    if (this.#scheduled) return;
    this.#scheduled = true;
    Promise.resolve().then(() => {
      this.#scheduled = false;
      const records = this.takeRecords();
      if (records.length > 0) guarded(() => this.#callback.call(this, records, this));
    });
  }
  #concerns(target, options, record) {
    if (target !== record.target && !(options.subtree && target.contains(record.target))) return false;
    if (record.type === 'childList') return !!options.childList;
    if (record.type === 'attributes') {
      const wanted = options.attributes || options.attributeFilter || options.attributeOldValue;
      return !!wanted && (!options.attributeFilter || options.attributeFilter.includes(record.attributeName));
    }
    return !!(options.characterData || options.characterDataOldValue);
  }
}

/** Everything is in sight of a page nobody looks at. */
class IntersectionObserver {
  #callback;
  constructor(callback, { root = null, rootMargin = '0px', threshold = 0 } = {}) {
    this.#callback = callback;
    Object.assign(this, { root, rootMargin, thresholds: [].concat(threshold) });
  }
  observe(target) {
    queueTask(() => {
      const box = rectangle();
      const entry = { target, isIntersecting: true, intersectionRatio: 1, boundingClientRect: box, intersectionRect: box, rootBounds: box, time: host.now() };
      guarded(() => this.#callback.call(this, [entry], this));
    }, FRAME_MS);
  }
  unobserve() {}
  disconnect() {}
  takeRecords() { return []; }
}
class ResizeObserver {
  #callback;
  constructor(callback) { this.#callback = callback; }
  observe(target) {
    queueTask(() => {
      const box = { inlineSize: 0, blockSize: 0 };
      guarded(() => this.#callback.call(this, [{ target, contentRect: rectangle(), borderBoxSize: [box], contentBoxSize: [box] }], this));
    }, FRAME_MS);
  }
  unobserve() {}
  disconnect() {}
}
class PerformanceObserver {
  static get supportedEntryTypes() { return []; }
  observe() {}
  disconnect() {}
  takeRecords() { return []; }
}

const SHOW = { SHOW_ALL: 0xffffffff, SHOW_ELEMENT: 1, SHOW_TEXT: 4, SHOW_COMMENT: 128 };
const NodeFilter = { FILTER_ACCEPT: 1, FILTER_REJECT: 2, FILTER_SKIP: 3, ...SHOW };

class TreeWalker {
  constructor(root, show, filter) {
    Object.assign(this, { root, whatToShow: show, filter, currentNode: root });
  }
  #accepts(node) {
    if (!((1 << (node.nodeType - 1)) & this.whatToShow)) return false;
    const judge = typeof this.filter === 'function' ? this.filter : this.filter?.acceptNode?.bind(this.filter);
    return judge ? judge(node) === 1 : true;
  }
  nextNode() {
    let at = this.currentNode;
    for (;;) {
      let next = at.firstChild;
      while (!next && at !== this.root) {
        next = at.nextSibling;
        if (!next) at = at.parentNode;
      }
      if (!next) return null;
      at = next;
      if (this.#accepts(at)) return (this.currentNode = at);
    }
  }
  firstChild() {
    for (const child of this.currentNode.childNodes) if (this.#accepts(child)) return (this.currentNode = child);
    return null;
  }
  nextSibling() {
    for (let at = this.currentNode.nextSibling; at; at = at.nextSibling) if (this.#accepts(at)) return (this.currentNode = at);
    return null;
  }
  parentNode() {
    const parent = this.currentNode.parentNode;
    return parent && parent !== this.root ? (this.currentNode = parent) : null;
  }
  detach() {}
}

class Range {
  #node = null;
  get commonAncestorContainer() { return this.#node ?? document; }
  get collapsed() { return true; }
  setStart(node) { this.#node = node; }
  setEnd() {}
  setStartBefore(node) { this.#node = node.parentNode; }
  setEndAfter() {}
  selectNode(node) { this.#node = node.parentNode; }
  selectNodeContents(node) { this.#node = node; }
  collapse() {}
  deleteContents() {}
  insertNode(node) { (this.#node ?? document.body).appendChild(node); }
  createContextualFragment(html) { return parseLive(this.#node?.localName ?? 'body', html); }
  getBoundingClientRect() { return rectangle(); }
  getClientRects() { return []; }
  cloneRange() { return new Range(); }
  toString() { return ''; }
}

const selection = {
  rangeCount: 0, isCollapsed: true, anchorNode: null, focusNode: null, type: 'None', removeAllRanges: noop, addRange: noop, empty: noop,
  getRangeAt() { throw new DOMException('0 is not a valid index.', 'IndexSizeError'); }, toString: () => '', selectAllChildren: noop, collapse: noop,
};

expose({ MutationObserver, WebKitMutationObserver: MutationObserver, IntersectionObserver, ResizeObserver, PerformanceObserver, NodeFilter, TreeWalker, Range });
