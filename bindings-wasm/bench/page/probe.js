// Runs in the page before anything of its own: notes when its socket hears of a record, and when the row that shows it has been painted.
// Given to `addInitScript` as text, so it uses nothing from outside.
(() => {
  const EVENTS = '42["task.history"';
  const heard = new Map();
  const shown = new Map();
  const done = [];
  const painted = new Set();
  const longTasks = [];
  const intervals = [];
  const marks = { ready: undefined };
  let records = 0;
  let isNoting = true;
  let frame = 0;
  let last;
  /** Between a frame's first callback and its paint. */
  let isRendering = false;

  const rendered = new MessageChannel();
  rendered.port1.onmessage = () => (isRendering = false);

  /** A row shows this from now on. It is in the frame that is being made, or in the next one. */
  const show = (key) => {
    if (isNoting && !painted.has(key) && !shown.has(key)) shown.set(key, isRendering ? frame : frame + 1);
  };

  // Asked for first, and again at once: it is the first callback of each frame. When it runs, the frame before has been presented.
  const tick = () => {
    frame++;
    isRendering = true;
    rendered.port2.postMessage(0);
    const now = performance.now();
    if (last !== undefined && isNoting) intervals.push(now - last);
    last = now;
    for (const [key, its] of shown) {
      if (its >= frame) continue;
      shown.delete(key);
      painted.add(key);
      if (key in marks) marks[key] = now;
      // What the page has read from the store may come over the socket later, or not at all.
      else done.push([key, heard.get(key) ?? null, now]);
      heard.delete(key);
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);

  const Native = WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...where) {
      super(...where);
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string' || !data.startsWith(EVENTS)) return;
        const now = performance.now();
        for (const { operation_type: operation, work_item_id: item } of JSON.parse(data.slice(2))[1].entries) {
          records++;
          const key = item && `${item} ${operation.slice('task.'.length)}`;
          if (isNoting && item && !painted.has(key)) heard.set(key, now);
        }
      });
    }
  };

  // What modules a page has, to know how much memory they take.
  const memories = [];
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const native = WebAssembly[name];
    WebAssembly[name] = async (...how) => {
      const made = await native.call(WebAssembly, ...how);
      const { exports } = made.instance ?? made;
      if (exports.memory) memories.push(exports.memory);
      return made;
    };
  }

  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push([startTime, duration]);
  }).observe({ type: 'longtask', buffered: true });

  /** Rows say on themselves what they show. */
  const watch = (history) => {
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const { itemId, status } = target.dataset;
        if (!itemId) continue;
        show(`${itemId} ${status}`);
        // An end that comes within the same frame shows the start too.
        if (status !== 'started') show(`${itemId} started`);
      }
    }).observe(history.shadowRoot, { subtree: true, attributes: true, attributeFilter: ['data-status'] });
    new MutationObserver(() => {
      if (history.hasAttribute('data-ready')) show('ready');
    }).observe(history, { attributes: true, attributeFilter: ['data-ready'] });
  };
  document.addEventListener('DOMContentLoaded', () => {
    const history = document.querySelector('task-history');
    if (!history) return;
    if (history.shadowRoot) watch(history);
    else void customElements.whenDefined('task-history').then(() => watch(history));
  });

  globalThis.probe = {
    show,
    marks,
    /** Everything since the last time. */
    take: () => ({
      done: done.splice(0),
      longTasks: longTasks.splice(0),
      intervals: intervals.splice(0),
      records,
      unseen: heard.size,
      memory: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
      origin: performance.timeOrigin,
    }),
    /** Keeps nothing about single records, so that what grows is the page's own. */
    stopNoting: () => {
      isNoting = false;
      for (const noted of [heard, shown, painted]) noted.clear();
    },
  };
})();
