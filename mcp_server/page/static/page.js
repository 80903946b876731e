// What makes the page live. Without it everything can be read and done all the same.
"use strict";

// How often this page is fetched again while its job changes: so seldom that fetching takes the
// server a two-hundredth of its time at most, between these bounds.
const REFRESH_MS = [1000, 10000];
const SHARE = 200;
// And not all pages of a job at once: the longer it takes, the more apart.
const SOON_MS = [100, 2000];
const APART = 5;

function localTimes(root) {
  for (const each of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(each.dateTime);
    if (!Number.isNaN(moment.getTime())) {
      each.title = each.textContent;
      each.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    }
  }
}

// A part of the page that somebody works in is left as it is.
function inUse(part) {
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input, select, textarea")) return true;
  if (part.querySelector("details[open]:not([id])")) return true;
  const changed = (each) => each.value !== each.defaultValue;
  const chosen = (each) => each.selectedIndex !== Math.max(0, [...each.options].findIndex((one) => one.defaultSelected));
  return [...part.querySelectorAll("input, textarea")].some(changed) || [...part.querySelectorAll("select")].some(chosen);
}

function replace(part, fresh) {
  const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  localTimes(fresh);
  part.replaceWith(fresh);
  for (const id of open) {
    const again = document.getElementById(id);
    if (again) again.open = true;
  }
  if (focused) document.getElementById(focused)?.focus();
}

// Fetch this very page again and take over its live parts.
let waiting = null;
let next = 0;
let took = 50;
let leftOut = false;
function refresh() {
  if (waiting !== null) return;
  waiting = setTimeout(async () => {
    const began = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const again = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
        if (again && inUse(part)) leftOut = true;
        else if (again) replace(part, document.adoptNode(again));
      }
    } catch {
      // The server is away for a moment: the events come again once it is back.
    } finally {
      took = Date.now() - began;
      next = began + Math.min(Math.max(SHARE * took, REFRESH_MS[0]), REFRESH_MS[1]);
      waiting = null;
      again();
    }
  }, Math.max(next - Date.now(), 0) + SOON_MS[0] + Math.random() * Math.min(APART * took, SOON_MS[1]));
}

document.addEventListener("focusout", () => {
  if (leftOut) {
    leftOut = false;
    refresh();
  }
});

function wrote({ step, start, pieces }) {
  const place = document.querySelector(`[data-runs="${CSS.escape(step)}"] [data-text]`);
  if (!place) return refresh();
  const have = Number(place.dataset.pieces);
  if (have < start) return refresh();
  place.append(pieces.slice(have - start).join(""));
  place.dataset.pieces = Math.max(have, start + pieces.length);
}

function tell(text) {
  const place = document.querySelector("[data-told]");
  if (place) place.textContent = text;
}

let source = null;
let heard = false;
function listen() {
  if (source || document.hidden || !document.querySelector("[data-live]")) return;
  const job = location.pathname.match(/^\/jobs\/([^/]+)/);
  source = new EventSource(job ? `/events?job=${job[1]}` : "/events");
  // What happened between two connections nobody told this page.
  source.addEventListener("open", () => {
    if (heard) refresh();
    heard = true;
  });
  source.addEventListener("running", (event) => {
    const { step, n } = JSON.parse(event.data);
    if (!document.querySelector(`[data-runs="${CSS.escape(step)}"]`)) refresh();
    tell(`Step ${n} is running`);
  });
  source.addEventListener("text", (event) => wrote(JSON.parse(event.data)));
  source.addEventListener("changed", () => {
    refresh();
    tell("The job has changed");
  });
}

// Browsers allow a server few connections: a page that nobody looks at gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    source = null;
  } else {
    listen();
  }
});

// What changes without a call is looked up anew every so many seconds, while it says so: figures
// over time, a task that is learned.
let timer = null;
function again() {
  clearTimeout(timer);
  const every = document.querySelector("[data-every]");
  if (every) timer = setTimeout(document.hidden ? again : refresh, 1000 * Number(every.dataset.every));
}

localTimes(document);
listen();
again();

// A form that takes a while says so, and is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target, button = form.querySelector("button");
  if (form.dataset.busy && button) {
    button.dataset.idle = button.textContent;
    button.textContent = form.dataset.busy;
    button.disabled = true;
  }
});

window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-idle]")) {
    button.textContent = button.dataset.idle;
    button.disabled = false;
  }
});
