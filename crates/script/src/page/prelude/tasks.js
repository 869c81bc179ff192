// One queue for everything that happens later: timers, answers of the network, events that are fired on their own turn.

/** Tasks, sorted by the time they are due, then by the order they came. */
const tasks = [];
let lastTask = 0;
/** Nested timers shorter than this wait this long (HTML, "timer initialisation steps"). */
const NESTED_TIMER_MS = 4;
let nesting = 0;

/** Queues `run` for `delay` ms from now and returns its number. `blocksLoad`: the load event waits for it. */
function queueTask(run, delay = 0, { blocksLoad = false, level = 0 } = {}) {
  const task = { id: ++lastTask, due: host.now() + delay, run, blocksLoad, level };
  let at = tasks.length;
  while (at > 0 && tasks[at - 1].due > task.due) at--;
  tasks.splice(at, 0, task);
  return task.id;
}

function cancelTask(id) {
  const at = tasks.findIndex((task) => task.id === id);
  if (at >= 0) tasks.splice(at, 1);
}

/** Runs the task that is due first. */
function runTask() {
  const task = tasks.shift();
  if (!task) return;
  nesting = task.level;
  guarded(task.run);
  nesting = 0;
}

/** Runs what is due until `time`, then sets the clock there: somebody waited that long. */
function waitUntil(time) {
  while (tasks.length > 0 && tasks[0].due <= time && !host.leaving()) {
    host.advanceTo(tasks[0].due);
    runTask();
    host.microtasks();
  }
  host.advanceTo(time);
}

/** Handles of intervals and timeouts share their numbers, as in browsers. */
const timers = new Map();
let lastTimer = 0;

function timerCode(handler, values) {
  if (typeof handler === 'function') return () => handler.apply(window, values);
  const code = `${handler}`;
  return () => {
    if (host.allowsEval()) host.runScript(text(code), host.documentUrl());
  };
}

function startTimer(handler, delay, values, repeats) {
  const id = ++lastTimer;
  const run = timerCode(handler, values);
  const wanted = Math.min(Math.max(Math.trunc(Number(delay)) || 0, 0), 0x7fffffff);
  const schedule = (level) => {
    const wait = level > 5 ? Math.max(wanted, NESTED_TIMER_MS) : Math.max(wanted, repeats ? 1 : 0);
    const task = queueTask(() => {
      if (repeats) schedule(level + 1);
      else timers.delete(id);
      run();
    }, wait, { level: level + 1 });
    timers.set(id, task);
  };
  schedule(nesting);
  return id;
}

function stopTimer(id) {
  const task = timers.get(Number(id));
  if (task === undefined) return;
  cancelTask(task);
  timers.delete(Number(id));
}

const FRAME_MS = 1000 / 60;

const timerFunctions = {
  setTimeout: (handler, delay, ...values) => startTimer(handler, delay, values, false),
  setInterval: (handler, delay, ...values) => startTimer(handler, delay, values, true),
  clearTimeout: stopTimer,
  clearInterval: stopTimer,
  requestAnimationFrame: (callback) => startTimer(() => callback.call(window, clockNow()), FRAME_MS, [], false),
  cancelAnimationFrame: stopTimer,
  requestIdleCallback: (callback) => startTimer(() => callback.call(window, { didTimeout: false, timeRemaining: () => 50 }), 1, [], false),
  cancelIdleCallback: stopTimer,
  queueMicrotask(callback) {
    if (typeof callback !== 'function') throw new TypeError("Failed to execute 'queueMicrotask': parameter 1 is not of type 'Function'.");
    Promise.resolve().then(() => guarded(callback));
  },
};
// Methods, so that they are no constructors and `setTimeout.name` reads right; the window may be `undefined` as `this`.
expose(timerFunctions);
