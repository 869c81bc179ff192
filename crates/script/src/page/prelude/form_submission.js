// Forms: their entries, the ways to write them, and where a submission goes (HTML, "form submission algorithm").

const SUBMITTABLE = new Set(['button', 'input', 'select', 'textarea']);
const submitting = new WeakSet();

/** Controls of a form in document order, wherever they stand. */
function controlsOf(form) {
  return wrapAll(host.formControls(form[NODE])).filter((control) => control instanceof FormControl);
}

class HTMLFormElement extends HTMLElement {
  get elements() { return htmlCollection(controlsOf(this).filter((control) => control.type !== 'image')); }
  get length() { return this.elements.length; }
  get action() { return this.getAttribute('action') ? host.resolve(text(this.getAttribute('action'))) ?? this.getAttribute('action') : host.documentUrl(); }
  set action(value) { this.setAttribute('action', value); }
  get method() { return methodOf(this.getAttribute('method')); }
  set method(value) { this.setAttribute('method', value); }
  get enctype() { return enctypeOf(this.getAttribute('enctype')); }
  set enctype(value) { this.setAttribute('enctype', value); }
  get encoding() { return this.enctype; }
  set encoding(value) { this.enctype = value; }
  get relList() { return keptFor(this, 'relList', () => new DOMTokenList(this, 'rel')); }
  submit() {
    if (!this.isConnected) return;
    sendForm(this, null);
  }
  requestSubmit(submitter = null) {
    if (submitter !== null) {
      if (!(submitter instanceof FormControl) || !['submit', 'image'].includes(submitter.type)) throw new TypeError('The specified element is not a submit button.');
      if (submitter.form !== this) throw new DOMException('The specified element is not owned by this form element.', 'NotFoundError');
    }
    submitForm(this, submitter);
  }
  reset() {
    if (!fire(this, 'reset', { bubbles: true, cancelable: true })) return;
    for (const control of controlsOf(this)) {
      controlStates.delete(control[NODE]);
      if (control instanceof HTMLSelectElement) for (const option of optionsOf(control)) controlStates.delete(option[NODE]);
    }
  }
  checkValidity() { return controlsOf(this).every(checkControl); }
  reportValidity() { return this.checkValidity(); }
  [Symbol.iterator]() { return this.elements[Symbol.iterator](); }
}
reflect(HTMLFormElement, ['name', 'target', 'rel', 'autocomplete', ['acceptCharset', 'accept-charset']]);
reflectFlags(HTMLFormElement, ['noValidate']);
classOfName.form = HTMLFormElement;

function namedControls(form, name) {
  if (/^\d+$/.test(name)) return wrap(host.formControls(form[NODE])[name]) ?? undefined;
  const found = wrapAll(host.formControlsNamed(form[NODE], text(name)));
  return found.length > 1 ? htmlCollection(found) : found[0];
}

/** `form.user` is the control of that name, even where it hides a member of the form (`form.submit`, famously). */
const formTraps = {
  get: (form, name, self) => (typeof name === 'string' ? namedControls(form, name) : undefined) ?? Reflect.get(form, name, self),
  has: (form, name) => Reflect.has(form, name) || (typeof name === 'string' && namedControls(form, name) !== undefined),
};

function methodOf(value) {
  const method = (value ?? '').toLowerCase();
  return ['post', 'dialog'].includes(method) ? method : 'get';
}

function enctypeOf(value) {
  const enctype = (value ?? '').toLowerCase();
  return ['multipart/form-data', 'text/plain'].includes(enctype) ? enctype : 'application/x-www-form-urlencoded';
}

/** A submission with its checks and its event: a click on a button, `requestSubmit`. */
function submitForm(form, submitter) {
  if (!form.isConnected || submitting.has(form)) return;
  submitting.add(form);
  try {
    const unchecked = form.noValidate || submitter?.hasAttribute('formnovalidate');
    if (!unchecked && !form.reportValidity()) return;
    const wanted = fire(form, 'submit', { Class: SubmitEvent, bubbles: true, cancelable: true, submitter });
    if (wanted && form.isConnected) sendForm(form, submitter);
  } finally {
    submitting.delete(form);
  }
}

function entriesOf(form, submitter) {
  const entries = [];
  const charset = formCharset(form);
  for (const control of controlsOf(form)) addEntries(entries, control, submitter, charset);
  const data = new FormData();
  for (const [name, value] of entries) data.append(name, value);
  fire(form, 'formdata', { Class: eventClasses.FormDataEvent, bubbles: true, formData: data });
  return [...data];
}

function addEntries(entries, control, submitter, charset) {
  const { type } = control;
  if (!SUBMITTABLE.has(control.localName) || isDisabled(control)) return;
  if ((control instanceof HTMLButtonElement || ['submit', 'image', 'reset', 'button'].includes(type)) && control !== submitter) return;
  if (['checkbox', 'radio'].includes(type) && !control.checked) return;
  const name = control.getAttribute('name') ?? '';
  if (type === 'image') {
    const prefix = name === '' ? '' : `${name}.`;
    entries.push([`${prefix}x`, '0'], [`${prefix}y`, '0']);
    return;
  }
  if (name === '') return;
  if (control instanceof HTMLSelectElement) {
    for (const option of selectedOptions(control)) if (!optionDisabled(option)) entries.push([name, option.value]);
  } else if (type === 'file') {
    entries.push([name, new File([], '', { type: 'application/octet-stream' })]);
  } else if (type === 'hidden' && name.toLowerCase() === '_charset_') {
    entries.push([name, charset]);
  } else {
    // A submit button without a value shows, and sends, its default label.
    entries.push([name, type === 'submit' && control instanceof HTMLInputElement && !control.hasAttribute('value') ? 'Submit' : control.value]);
  }
  const dirname = control.getAttribute('dirname');
  if (dirname && ['text', 'search', 'textarea'].includes(type)) entries.push([dirname, 'ltr']);
}

function formCharset(form) {
  const wanted = (form.getAttribute('accept-charset') ?? '').split(/[\s,]+/).map((label) => host.encodingName(text(label))).find(Boolean);
  const name = wanted ?? host.encodingName(host.charset()) ?? 'UTF-8';
  return name.startsWith('UTF-16') ? 'UTF-8' : name;
}

const lineEnds = (value) => value.replace(/\r\n?|\n/g, '\r\n');
const entryText = (value) => (value instanceof Blob ? value.name ?? '' : value);

/** Bytes and content type of a body. */
function writeEntries(entries, enctype, charset) {
  const pairs = entries.map(([name, value]) => [lineEnds(name), lineEnds(entryText(value))]);
  if (enctype === 'text/plain') {
    const lines = pairs.map(([name, value]) => `${name}=${value}\r\n`).join('');
    return { bytes: host.encode(text(lines), charset), type: 'text/plain' };
  }
  if (enctype === 'multipart/form-data') return writeMultipart(entries, charset);
  return { bytes: host.encode(serializePairs(pairs, charset), 'utf-8'), type: enctype };
}

function writeMultipart(entries, charset) {
  let letters = '';
  while (letters.length < 16) letters += 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(host.random() * 62)];
  const boundary = `----WebKitFormBoundary${letters}`;
  const quoted = (name) => name.replaceAll('"', '%22').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  const chunks = [];
  const write = (words) => chunks.push(host.encode(text(words), charset));
  for (const [name, value] of entries) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(lineEnds(name))}"`;
    if (value instanceof Blob) {
      write(`${head}; filename="${quoted(value.name ?? 'blob')}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`);
      chunks.push(bytesOfBlob(value));
      write('\r\n');
    } else {
      write(`${head}\r\n\r\n${lineEnds(value)}\r\n`);
    }
  }
  write(`--${boundary}--\r\n`);
  return { bytes: joinBytes(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

/** Sends a form without asking anybody: `form.submit()`, and the end of every other way. */
function sendForm(form, submitter) {
  const [, forms] = host.sandbox();
  if (!forms) return;
  const given = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  const method = methodOf(given('method'));
  if (method === 'dialog') return;
  const entries = entriesOf(form, submitter);
  const action = given('action');
  const url = action ? host.resolve(text(action)) : host.documentUrl();
  if (url === undefined) return;
  if (!host.allowsUrl(['form-action'], url)) return;
  const charset = formCharset(form);
  const enctype = enctypeOf(given('enctype'));
  const target = given('target') ?? document.querySelector('base[target]')?.target ?? '';
  const rel = (form.getAttribute('rel') ?? '').toLowerCase();
  const noReferrer = rel.split(/\s+/).includes('noreferrer');
  const { protocol } = urlParts(url);
  const common = { cause: 'form', noReferrer, noOpener: noReferrer || /\bnoopener\b/.test(rel) };
  if (!['http:', 'https:'].includes(protocol)) {
    navigateTarget(target, { ...common, url });
  } else if (method === 'post') {
    const { bytes, type } = writeEntries(entries, enctype, charset);
    navigateTarget(target, { ...common, url, body: bytes, contentType: type });
  } else {
    const pairs = entries.map(([name, value]) => [lineEnds(name), lineEnds(entryText(value))]);
    navigateTarget(target, { ...common, url: host.setUrlPart(url, 'search', `?${serializePairs(pairs, charset)}`) });
  }
}

/** `new FormData(form)` and the bodies of `fetch`. */
class FormData {
  #entries = [];
  constructor(form, submitter = null) {
    if (form === undefined) return;
    if (!(form instanceof HTMLFormElement)) throw new TypeError("Failed to construct 'FormData': parameter 1 is not of type 'HTMLFormElement'.");
    this.#entries = entriesOf(form, submitter);
  }
  #value(value, filename) {
    if (!(value instanceof Blob)) return text(value);
    return value instanceof File && filename === undefined ? value : new File([value], filename ?? 'blob', { type: value.type });
  }
  append(name, value, filename) { this.#entries.push([text(name), this.#value(value, filename)]); }
  set(name, value, filename) {
    const at = this.#entries.findIndex((entry) => entry[0] === `${name}`);
    if (at < 0) this.append(name, value, filename);
    else {
      this.#entries[at][1] = this.#value(value, filename);
      this.#entries = this.#entries.filter((entry, index) => index <= at || entry[0] !== `${name}`);
    }
  }
  delete(name) { this.#entries = this.#entries.filter((entry) => entry[0] !== `${name}`); }
  get(name) { return this.#entries.find((entry) => entry[0] === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#entries.filter((entry) => entry[0] === `${name}`).map((entry) => entry[1]); }
  has(name) { return this.#entries.some((entry) => entry[0] === `${name}`); }
  forEach(callback, self) { for (const [name, value] of this.#entries) callback.call(self, value, name, this); }
  keys() { return this.#entries.map((entry) => entry[0])[Symbol.iterator](); }
  values() { return this.#entries.map((entry) => entry[1])[Symbol.iterator](); }
  entries() { return this.#entries.map((entry) => [...entry])[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

expose({ HTMLFormElement, FormData });
