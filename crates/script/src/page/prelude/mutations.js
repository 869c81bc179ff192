// Moving nodes, with what follows from it: scripts run, frames load, observers hear of it.

function insertNode(parent, child, before) {
  const parentId = idOf(parent);
  idOf(child);
  if (child instanceof DocumentFragment) {
    for (const node of wrapAll(host.children(child[NODE]))) insertOne(parentId, node, before);
  } else {
    insertOne(parentId, child, before);
  }
  scriptTextChanged(parent);
  return child;
}

function insertOne(parentId, child, before) {
  const active = host.insert(parentId, child[NODE], before ? idOf(before) : 0);
  if (active === undefined) {
    const missing = before && before.parentNode?.[NODE] !== parentId;
    throw missing
      ? new DOMException('The node before which the new node is to be inserted is not a child of this node.', 'NotFoundError')
      : new DOMException('The new child element contains the parent.', 'HierarchyRequestError');
  }
  syncNames();
  noteMutation({ type: 'childList', target: wrap(parentId), addedNodes: [child], removedNodes: [] });
  for (const id of active) arrive(wrap(id), true);
}

function removeNode(node) {
  const parent = node.parentNode;
  if (!parent) return;
  host.detach(node[NODE]);
  noteMutation({ type: 'childList', target: parent, addedNodes: [], removedNodes: [node] });
  framesRemoved(node);
  customRemoved(node);
}

function asNode(value) {
  return value?.[NODE] === undefined ? new Text(`${value}`) : value;
}

function insertAll(parent, values, before) {
  if (!parent) return;
  for (const value of values) insertNode(parent, asNode(value), before);
}

function replaceChildren(parent, values) {
  for (const child of wrapAll(host.children(parent[NODE]))) removeNode(child);
  insertAll(parent, values, null);
}

function replaceNode(node, values) {
  const parent = node.parentNode;
  if (!parent) return;
  let before = node.nextSibling;
  while (before && values.includes(before)) before = before.nextSibling;
  removeNode(node);
  insertAll(parent, values, before);
}

function copyNode(node, deep) {
  const copy = fresh(host.copy(node[NODE], deep));
  copyScriptStates(node, copy, deep);
  copyControlStates(node, copy, deep);
  return copy;
}

/** Parses markup as the content of `context`; its scripts count as run. */
function parseInert(context, html) {
  const fragment = fresh(host.parseFragment(context, text(html)));
  for (const id of host.byName(fragment[NODE], ['script'])) startedScripts.add(id);
  return fragment;
}

/** Parses markup whose scripts run once they are inserted. */
function parseLive(context, html) {
  return fresh(host.parseFragment(context, text(html)));
}

const mutationObservers = new Set();

/** Tells observers of `record.target` or of something above it. */
function noteMutation(record) {
  if (mutationObservers.size === 0) return;
  for (const observer of mutationObservers) observer.consider(record);
}
