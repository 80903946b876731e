// The page's views inside an MCP client: what a tool did, and from there the job, step by step.
// Speaks MCP Apps (io.modelcontextprotocol/ui, 2026-01-26) with the client that holds the frame.
"use strict";

const ROOT = "ui://hypernet-mcp";
const main = document.getElementById("main");
const back = document.getElementById("back");
const waiting = new Map();
const seen = [];
let last = 0;
let reads = false;

function send(message) {
  window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function ask(method, params) {
  last += 1;
  send({ id: last, method, params });
  return new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
}

async function show(path) {
  try {
    const answer = await ask("resources/read", { uri: ROOT + path });
    // Made by the server's templates, in which everything that was written by others is escaped.
    main.innerHTML = answer.contents[0].text;
    localTimes(main);
    if (seen[seen.length - 1] !== path) seen.push(path);
    back.hidden = seen.length < 2;
  } catch (error) {
    said(`This cannot be shown: ${error.message}`);
  }
}

function localTimes(root) {
  for (const each of root.querySelectorAll("time[datetime]")) {
    const shown = { dateStyle: "medium", timeStyle: "short" };
    each.textContent = new Date(each.dateTime).toLocaleString(undefined, shown);
  }
}

function said(text) {
  const line = document.createElement("p");
  line.textContent = text;
  main.replaceChildren(line);
}

function resulted(result) {
  const content = result.structuredContent || {};
  const session = content.session_id || (content.session && content.session.session_id);
  if (result.isError || !reads) {
    const text = (result.content || []).map((part) => part.text || "").join("\n");
    said(content.output === undefined ? text : content.output);
  } else if (session && content.step !== undefined && content.output !== undefined) {
    seen.push(`/jobs/${session}`);
    show(`/jobs/${session}/steps/${content.step}`);
  } else if (session || (content.sessions && content.sessions.length === 1)) {
    show(`/jobs/${session || content.sessions[0].session_id}`);
  } else {
    show("/");
  }
}

function themed(context) {
  if (context && context.theme) document.documentElement.style.colorScheme = context.theme;
}

window.addEventListener("message", (event) => {
  const message = event.data;
  if (event.source !== window.parent || !message || message.jsonrpc !== "2.0") return;
  if (message.method === undefined && waiting.has(message.id)) {
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  } else if (message.method === "ui/notifications/tool-result") {
    resulted(message.params);
  } else if (message.method === "ui/notifications/tool-cancelled") {
    said("The call was cancelled.");
  } else if (message.method === "ui/notifications/host-context-changed") {
    themed(message.params);
  } else if (message.id !== undefined && message.method !== undefined) {
    // Among them a ping, and the client's word that it takes the frame away.
    send({ id: message.id, result: {} });
  }
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const sent = new URLSearchParams(new FormData(event.target));
  show(`${new URL(event.target.action, "http://here").pathname}?${sent}`);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link === null) return;
  event.preventDefault();
  const path = link.getAttribute("href");
  if (path.startsWith("/")) show(path.replace(/#.*$/, ""));
});

back.addEventListener("click", () => {
  seen.pop();
  show(seen[seen.length - 1]);
});

new ResizeObserver(() => {
  const { width, height } = document.documentElement.getBoundingClientRect();
  send({
    method: "ui/notifications/size-changed",
    params: { width: Math.ceil(width), height: Math.ceil(height) },
  });
}).observe(document.documentElement);

ask("ui/initialize", {
  protocolVersion: "2026-01-26",
  appInfo: { name: "hypernet-mcp", version: "1" },
  appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
}).then((answer) => {
  reads = Boolean(answer.hostCapabilities && answer.hostCapabilities.serverResources);
  themed(answer.hostContext);
  send({ method: "ui/notifications/initialized" });
});
