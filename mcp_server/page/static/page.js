// What makes the page live. Without it everything can be read and done all the same.
"use strict";

function localTimes(root) {
  for (const each of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(each.dateTime);
    if (!Number.isNaN(moment.getTime())) {
      each.title = each.textContent;
      each.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    }
  }
}

localTimes(document);

// What changes by itself is looked up anew, every so many seconds, while it says so. What somebody
// is in stays as it is.
function freshened() {
  const each = document.querySelector("[data-every]");
  if (each) {
    setTimeout(freshen, 1000 * Number(each.dataset.every));
  }
}

async function freshen() {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of answer.ok ? page.querySelectorAll("[data-fresh]") : []) {
      const shown = document.querySelector(`[data-fresh="${fresh.dataset.fresh}"]`);
      const used = shown && (shown.contains(document.activeElement) || shown.querySelector("details[open]"));
      if (shown && !used) {
        localTimes(fresh);
        shown.replaceWith(document.adoptNode(fresh));
      }
    }
  } catch {
    // The server is away for a moment.
  }
  freshened();
}

freshened();

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
