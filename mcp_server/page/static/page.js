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
