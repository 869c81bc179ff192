// Form controls: values, states, and which form they belong to.

/** number of a control → what scripts and defaults have made of its value and state. */
const controlStates = new Map();

function stateOf(control) {
  let state = controlStates.get(control[NODE]);
  if (!state) controlStates.set(control[NODE], (state = { value: null, checked: null, files: [] }));
  return state;
}

function copyControlStates(node, copy, deep) {
  if (controlStates.size === 0) return;
  const below = (root) => (deep ? host.byName(root[NODE], ['input', 'option', 'select', 'textarea']) : []);
  const copies = [copy[NODE], ...below(copy)];
  [node[NODE], ...below(node)].forEach((id, index) => {
    if (controlStates.has(id)) controlStates.set(copies[index], { ...controlStates.get(id) });
  });
}

function formOwner(control) {
  return wrap(host.formOwner(control[NODE]));
}

function isDisabled(control) {
  if (!(control instanceof FormControl)) return false;
  if (control.hasAttribute('disabled')) return true;
  const fieldset = control.parentNode?.closest?.('fieldset[disabled]');
  return !!fieldset && !fieldset.querySelector('legend')?.contains(control);
}

class FormControl extends HTMLElement {
  get form() { return formOwner(this); }
  get labels() { return nodeList(this.id ? [...document.querySelectorAll('label')].filter((label) => label.htmlFor === this.id) : []); }
  get willValidate() { return !isDisabled(this); }
  get validity() { return { valid: true }; }
  get validationMessage() { return ''; }
  checkValidity() { return checkControl(this); }
  reportValidity() { return checkControl(this); }
  setCustomValidity(message) { stateOf(this).custom = `${message}`; }
}
reflect(FormControl, ['name', 'autocomplete', 'placeholder']);
reflectFlags(FormControl, ['disabled', 'required', 'readOnly', 'multiple', 'autofocus']);

/** The constraints that stop a form at once when a script asks with `requestSubmit` or a click. */
function isValid(control) {
  if (isDisabled(control) || control.readOnly) return true;
  if (stateOf(control).custom) return false;
  const { value, type } = control;
  if (control.required) {
    if (type === 'checkbox' ? !control.checked : type === 'radio' ? !radioGroup(control).some((radio) => radio.checked) : value === '') return false;
  }
  if (value && type === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return false;
  if (value && type === 'url' && urlParts(value) === undefined) return false;
  const pattern = control.getAttribute('pattern');
  return !(value && pattern && control instanceof HTMLInputElement && !new RegExp(`^(?:${pattern})$`, 'v').test(value));
}

function checkControl(control) {
  if (isValid(control)) return true;
  fire(control, 'invalid', { cancelable: true });
  return false;
}

const INPUT_TYPES = new Set(wordsOf(`hidden text search tel url email password date month week time datetime-local number range color checkbox
  radio file submit image reset button`));

class HTMLInputElement extends FormControl {
  get type() {
    const type = (this.getAttribute('type') ?? '').toLowerCase();
    return INPUT_TYPES.has(type) ? type : 'text';
  }
  set type(value) { this.setAttribute('type', value); }
  get defaultValue() { return this.getAttribute('value') ?? ''; }
  set defaultValue(value) { this.setAttribute('value', value); }
  get defaultChecked() { return this.hasAttribute('checked'); }
  set defaultChecked(value) { this.toggleAttribute('checked', !!value); }
  get value() {
    if (this.type === 'file') return '';
    if (['checkbox', 'radio'].includes(this.type)) return this.getAttribute('value') ?? 'on';
    return sanitizeValue(this.type, stateOf(this).value ?? this.defaultValue);
  }
  set value(value) {
    const words = value === null ? '' : `${value}`;
    if (['checkbox', 'radio', 'hidden', 'submit', 'image', 'reset', 'button'].includes(this.type)) this.setAttribute('value', words);
    else if (this.type !== 'file') stateOf(this).value = words;
  }
  get valueAsNumber() { return this.value === '' ? NaN : Number(this.value); }
  get checked() { return stateOf(this).checked ?? this.defaultChecked; }
  set checked(value) {
    if (value && this.type === 'radio') for (const radio of radioGroup(this)) stateOf(radio).checked = false;
    stateOf(this).checked = !!value;
  }
  get indeterminate() { return false; }
  set indeterminate(_) {}
  get files() { return this.type === 'file' ? Object.assign([], { item: () => null }) : null; }
  get list() { return null; }
  select() {}
  setSelectionRange() {}
  showPicker() {}
}
reflect(HTMLInputElement, ['accept', 'alt', 'min', 'max', 'step', 'pattern', 'size', ['maxLength', 'maxlength'], 'formEnctype', 'formMethod', 'formTarget']);
reflectFlags(HTMLInputElement, ['formNoValidate']);
reflectUrls(HTMLInputElement, ['src']);

function sanitizeValue(type, value) {
  if (['url', 'email'].includes(type)) return value.replace(/[\r\n]/g, '').trim();
  if (type === 'number') return value.trim() !== '' && Number.isFinite(Number(value)) ? value : '';
  if (type === 'color') return /^#[0-9a-f]{6}$/i.test(value) ? value.toLowerCase() : '#000000';
  if (type === 'range') return Number.isFinite(parseFloat(value)) ? value : '50';
  return type === 'hidden' ? value : value.replace(/[\r\n]/g, '');
}

function radioGroup(radio) {
  const root = radio.form ?? radio.getRootNode();
  const inputs = wrapAll(host.byName(root[NODE], ['input']));
  return inputs.filter((input) => input.type === 'radio' && input.name === radio.name && input.form === radio.form && radio.name !== '');
}

class HTMLButtonElement extends FormControl {
  get type() {
    const type = (this.getAttribute('type') ?? '').toLowerCase();
    return ['reset', 'button'].includes(type) ? type : 'submit';
  }
  set type(value) { this.setAttribute('type', value); }
}
reflect(HTMLButtonElement, ['value', 'formEnctype', 'formMethod', 'formTarget']);
reflectFlags(HTMLButtonElement, ['formNoValidate']);
for (const Class of [HTMLInputElement, HTMLButtonElement]) {
  Object.defineProperty(Class.prototype, 'formAction', {
    get() { return this.hasAttribute('formaction') ? host.resolve(text(this.getAttribute('formaction'))) ?? '' : host.documentUrl(); },
    set(value) { this.setAttribute('formaction', value); },
    configurable: true,
  });
}

class HTMLTextAreaElement extends FormControl {
  get type() { return 'textarea'; }
  get defaultValue() { return this.textContent; }
  set defaultValue(value) { this.textContent = value; }
  get value() { return (stateOf(this).value ?? this.textContent).replace(/\r\n?/g, '\n'); }
  set value(value) { stateOf(this).value = value === null ? '' : `${value}`; }
  get textLength() { return this.value.length; }
  select() {}
  setSelectionRange() {}
}
reflect(HTMLTextAreaElement, ['wrap', 'rows', 'cols']);

class HTMLOptionElement extends HTMLElement {
  get text() { return this.textContent.replace(/[\t\n\f\r ]+/g, ' ').trim(); }
  set text(value) { this.textContent = value; }
  get value() { return this.getAttribute('value') ?? this.text; }
  set value(value) { this.setAttribute('value', value); }
  get label() { return this.getAttribute('label') || this.text; }
  set label(value) { this.setAttribute('label', value); }
  get defaultSelected() { return this.hasAttribute('selected'); }
  set defaultSelected(value) { this.toggleAttribute('selected', !!value); }
  get selected() {
    const select = this.closest('select');
    return select ? selectedOptions(select).includes(this) : stateOf(this).selected ?? this.defaultSelected;
  }
  set selected(value) {
    const select = this.closest('select');
    if (value && select && !select.multiple) for (const option of optionsOf(select)) stateOf(option).selected = false;
    stateOf(this).selected = !!value;
  }
  get index() { return Math.max(0, this.closest('select') ? optionsOf(this.closest('select')).indexOf(this) : 0); }
  get form() { return this.closest('select')?.form ?? null; }
}
reflectFlags(HTMLOptionElement, ['disabled']);

function optionsOf(select) {
  return wrapAll(host.byName(select[NODE], ['option']));
}

function optionDisabled(option) {
  return option.disabled || !!option.closest('optgroup[disabled]');
}

/** HTML, "selectedness": a drop-down without a choice shows its first option that can be chosen. */
function selectedOptions(select) {
  const options = optionsOf(select);
  const chosen = options.filter((option) => stateOf(option).selected ?? option.defaultSelected);
  if (select.multiple) return chosen;
  if (chosen.length > 0) return [chosen.at(-1)];
  if (Number(select.getAttribute('size') ?? 1) > 1 || stateOf(select).none) return [];
  const first = options.find((option) => !optionDisabled(option));
  return first ? [first] : [];
}

function chooseOption(select, index) {
  optionsOf(select).forEach((option, at) => { stateOf(option).selected = at === index; });
  stateOf(select).none = index < 0;
}

class HTMLSelectElement extends FormControl {
  get type() { return this.multiple ? 'select-multiple' : 'select-one'; }
  get options() {
    const collection = htmlCollection(optionsOf(this));
    return Object.assign(collection, { add: (option, before) => this.add(option, before), remove: (index) => this.remove(index), selectedIndex: this.selectedIndex });
  }
  get selectedOptions() { return htmlCollection(selectedOptions(this)); }
  get length() { return optionsOf(this).length; }
  get value() { return selectedOptions(this)[0]?.value ?? ''; }
  set value(value) { chooseOption(this, optionsOf(this).findIndex((option) => option.value === `${value}`)); }
  get selectedIndex() { return optionsOf(this).indexOf(selectedOptions(this)[0]); }
  set selectedIndex(index) { chooseOption(this, Number(index)); }
  item(index) { return optionsOf(this)[index] ?? null; }
  namedItem(name) { return this.options.namedItem(name); }
  add(option, before = null) {
    this.insertBefore(option, typeof before === 'number' ? optionsOf(this)[before] ?? null : before);
  }
  remove(index) {
    if (index === undefined) super.remove();
    else optionsOf(this)[index]?.remove();
  }
}
reflect(HTMLSelectElement, ['size']);

class HTMLLabelElement extends HTMLElement {
  get htmlFor() { return this.getAttribute('for') ?? ''; }
  set htmlFor(value) { this.setAttribute('for', value); }
  get control() { return this.htmlFor ? document.getElementById(this.htmlFor) : this.querySelector('button, input, select, textarea'); }
  get form() { return this.control?.form ?? null; }
}

class HTMLFieldSetElement extends FormControl {
  get type() { return 'fieldset'; }
  get elements() { return htmlCollection(wrapAll(host.byName(this[NODE], ['button', 'fieldset', 'input', 'output', 'select', 'textarea']))); }
}
class HTMLOutputElement extends FormControl {
  get value() { return this.textContent; }
  set value(value) { this.textContent = value; }
}
class HTMLOptGroupElement extends HTMLElement {}
reflect(HTMLOptGroupElement, ['label']);
reflectFlags(HTMLOptGroupElement, ['disabled']);
class HTMLDataListElement extends HTMLElement {
  get options() { return htmlCollection(optionsOf(this)); }
}

/** What a click on a checkbox or radio button changes before its handlers run; returns how to take it back. */
function beforeActivation(control) {
  if (!(control instanceof HTMLInputElement) || isDisabled(control)) return null;
  if (control.type === 'checkbox') {
    const old = control.checked;
    control.checked = !old;
    return () => { control.checked = old; };
  }
  if (control.type === 'radio') {
    const old = radioGroup(control).find((radio) => radio.checked);
    control.checked = true;
    return () => {
      control.checked = false;
      if (old) old.checked = true;
    };
  }
  return null;
}

/** What a click on a control does. */
function activateControl(control) {
  if (isDisabled(control)) return;
  if (['checkbox', 'radio'].includes(control.type) && control.isConnected) {
    fire(control, 'input', { bubbles: true });
    fire(control, 'change', { bubbles: true });
  } else if (['submit', 'image'].includes(control.type) && control.form) {
    submitForm(control.form, control);
  } else if (control.type === 'reset') {
    control.form?.reset();
  }
}

function activateLabel(label, clicked) {
  const { control } = label;
  if (control && control !== clicked && !control.contains(clicked)) clickElement(control);
}

Object.assign(classOfName, {
  input: HTMLInputElement, button: HTMLButtonElement, textarea: HTMLTextAreaElement, select: HTMLSelectElement, option: HTMLOptionElement,
  optgroup: HTMLOptGroupElement, label: HTMLLabelElement, fieldset: HTMLFieldSetElement, output: HTMLOutputElement, datalist: HTMLDataListElement,
});
expose({
  HTMLInputElement, HTMLButtonElement, HTMLTextAreaElement, HTMLSelectElement, HTMLOptionElement, HTMLOptGroupElement, HTMLLabelElement,
  HTMLFieldSetElement, HTMLOutputElement, HTMLDataListElement,
  Option: elementMaker('option', (option, [label, value, defaultSelected, selected]) => {
    if (label !== undefined) option.text = label;
    if (value !== undefined) option.value = value;
    if (defaultSelected) option.defaultSelected = true;
    if (selected) option.selected = true;
  }, HTMLOptionElement),
});
