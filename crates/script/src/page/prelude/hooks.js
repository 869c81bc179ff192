// What the engine calls, each an entry into the page's code.

function isBlockingLoad() {
  return tasks.some((task) => task.blocksLoad);
}

/** The end of parsing: deferred scripts, then DOMContentLoaded. */
function parsed() {
  setReadyState('interactive');
  runDeferred();
  if (host.leaving()) return;
  fire(document, 'DOMContentLoaded', { bubbles: true });
}

function loaded() {
  setReadyState('complete');
  if (host.leaving()) return;
  for (const drawing of drawings) if (isHeard(drawing, 'load')) fire(drawing, 'load');
  fire(window, 'load');
  fire(window, 'pageshow', { Class: PageTransitionEvent, persisted: false });
}

const hooks = {
  begin(parent, name) {
    for (const open of openings) open();
    begin(parent, name);
  },
  named: syncNames,
  arrived(ids, written) {
    ids.forEach((id, index) => guarded(() => arrive(wrap(id), written[index])));
  },
  script: parserScript,
  parsed,
  loaded,
  blocksLoad: isBlockingLoad,
  nextTask: () => tasks[0]?.due ?? Infinity,
  runTask,
  run: (code) => runGlobal(code, host.documentUrl()),
  asks: frameAsks,
  go(url, cause, body, contentType) {
    goTo({ url, cause, contentType, body: body === undefined ? undefined : Uint8Array.from(body, (letter) => letter.charCodeAt(0)) });
  },
  receive: receiveMessage,
  rejected(promise, reason) {
    const event = { Class: PromiseRejectionEvent, promise, reason, cancelable: true };
    if (fire(window, 'unhandledrejection', event)) {
      host.noteError(text(`Uncaught (in promise) ${reason}`));
      noteLackBehind(reason);
    }
  },
  leave() {
    tasks.length = 0;
  },
  stored: () => [localArea.pairs(), sessionArea.pairs(), [['name', windowName]]],
};
