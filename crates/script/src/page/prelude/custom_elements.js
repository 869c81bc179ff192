// Custom elements: classes of the page's own for elements with a dash in their name.

/** name → class; class → name. */
const customClasses = new Map();
const customNames = new Map();
/** Elements whose class is being constructed around them. */
const upgrading = [];
const upgraded = new WeakSet();
const definitions = new Map();

/** What a constructor of the page's gets from `super()`: the element being upgraded, or a new one. */
function customConstruct(Class) {
  const element = upgrading.pop() ?? (customNames.has(Class) ? fresh(host.createElement(customNames.get(Class), HTML)) : null);
  if (element === null) throw new TypeError('Illegal constructor');
  upgraded.add(element);
  return Object.setPrototypeOf(element, Class.prototype);
}

/** Makes an element what its class says, once, and tells it when it is in the document. */
function upgrade(element) {
  const Class = customClasses.get(element.localName);
  if (!Class) return;
  if (!upgraded.has(element)) {
    upgrading.push(element);
    guarded(() => new Class());
    upgraded.add(element);
    for (const name of element.getAttributeNames()) customAttributeChanged(element, name, null, element.getAttribute(name));
  }
  if (element.isConnected) guarded(() => element.connectedCallback?.());
}

function customAttributeChanged(element, name, old, value) {
  if (customClasses.size === 0 || !upgraded.has(element) || !element.constructor.observedAttributes?.includes(name)) return;
  guarded(() => element.attributeChangedCallback?.(name, old, value, null));
}

/** Elements that left the document hear of it. */
function customRemoved(node) {
  if (customClasses.size === 0 || !(node instanceof Element)) return;
  for (const element of wrapAll([node[NODE], ...host.byName(node[NODE], [...customClasses.keys()])])) {
    if (upgraded.has(element)) guarded(() => element.disconnectedCallback?.());
  }
}

class CustomElementRegistry {
  define(name, Class, options = {}) {
    if (!/^[a-z][^A-Z\s]*-[^A-Z\s]*$/.test(name)) throw new DOMException(`"${name}" is not a valid custom element name`, 'SyntaxError');
    if (customClasses.has(name) || customNames.has(Class)) throw new DOMException(`the name "${name}" has already been used with this registry`, 'NotSupportedError');
    if (options.extends) need('custom_elements');
    customClasses.set(name, Class);
    customNames.set(Class, name);
    for (const element of wrapAll(host.byName(document[NODE], [name]))) upgrade(element);
    definitions.get(name)?.resolve(Class);
  }
  get(name) { return customClasses.get(name); }
  getName(Class) { return customNames.get(Class) ?? null; }
  upgrade(root) { for (const element of wrapAll(host.byName(root[NODE], [...customClasses.keys()]))) upgrade(element); }
  whenDefined(name) {
    if (customClasses.has(name)) return Promise.resolve(customClasses.get(name));
    if (!definitions.has(name)) definitions.set(name, Promise.withResolvers());
    return definitions.get(name).promise;
  }
}
expose({ CustomElementRegistry, customElements: new CustomElementRegistry() });
