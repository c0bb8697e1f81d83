// On a running notebook's page: says how far Python's start is, and what to do where it fails.
// The worker tells (start.js); without a word from it for a while the page says so itself.

// On a server that isolates its pages JupyterLite 0.6 would share memory with the kernel, which then
// hangs after a few cells. It asks this; elsewhere the answer is the same.
Object.defineProperty(window, "crossOriginIsolated", { value: false });

const LONG = 60; // seconds without news before the reader is told

const box = document.createElement("div");
box.style.cssText =
  "position: fixed; z-index: 10000; right: 1rem; bottom: 2.2rem; max-width: min(26rem, 80vw);" +
  "padding: .6rem 1rem; border-radius: 6px; background: #1b3a57; color: #fff;" +
  "font: 15px/1.45 system-ui, sans-serif; box-shadow: 0 2px 8px #0005";

const path = new URLSearchParams(location.search).get("path") ?? "";
const ours = /^(\d\d_\w+)\.ipynb$/.exec(path); // a notebook of the series has a page to read
const reading = new URL(ours ? `../../read/${ours[1]}.html` : "../../", location.href).href;
const ways = `You can <a style="color: #9fd3ff" href="${reading}">read ${
  ours ? "this notebook" : "the notebooks"}</a> without running them, reload the page, or run the
  series on your own machine.`;
let worker; // the one of this page: the first that is heard, as others were there before
let over = false;
let patience;

function say(role, html) {
  if (box.getAttribute("role") !== role) {
    box.setAttribute("role", role);
    box.innerHTML = html;
  }
  if (!box.isConnected) document.body.append(box);
}

function fail(what) {
  over = true;
  clearTimeout(patience);
  say("alert", `<b>Python does not start in this browser.</b><br>${what}<br>${ways}
    <button style="float: right">Close</button>`);
  box.querySelector("button").onclick = () => box.remove();
}

function wait() {
  clearTimeout(patience);
  patience = setTimeout(() => {
    box.removeAttribute("role"); // what comes later is said again
    say("alert", `Nothing has come from the server for ${LONG} seconds. It may still be on its way.
      <br>${ways}`);
  }, LONG * 1000);
}

function escaped(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node.innerHTML;
}

function missing(address, error) {
  const said = escaped(error.trim().split("\n").pop().slice(0, 200));
  const file = escaped(address.split("/").pop());
  fail(file ? `A file is missing, damaged or out of reach: <b>${file}</b> (${said}).` : said);
}

function heard({ data }) {
  worker ??= data.worker;
  if (over || data.worker !== worker) return;
  wait();
  if (data.error) {
    missing(data.failed, data.error);
  } else if (data.ready) {
    over = true;
    clearTimeout(patience);
    box.remove();
  } else {
    say("status", `Python is starting: <span aria-hidden="true"></span> MB so far. The first time it
      fetches some 40 (fewer from a server that compresses), then your browser has them. The
      pictures below were saved with the notebook.`);
    const count = box.querySelector("span");
    if (count) count.textContent = (data.bytes / 1e6).toFixed(0);
  }
}

function begin() {
  if (typeof WebAssembly === "undefined" || typeof BroadcastChannel === "undefined") {
    fail("It is too old, or WebAssembly is switched off in it.");
    return;
  }
  new BroadcastChannel(`python at ${new URL("..", location.href).href}`).onmessage = heard;
  if (path) wait();
  const start = new URL("../static/pyodide/start.js", location.href).href;
  fetch(start, { method: "HEAD" }).then(
    (answer) => answer.ok || missing(start, `answer ${answer.status}`),
    (error) => missing(start, String(error)));
}

// This runs in the page's head: an answer that comes before the body has no place to be shown.
document.addEventListener("DOMContentLoaded", begin);

// Links to texts of the series lead to the pages to read: JupyterLite would open them in an editor.
const PAGES = { "README.md": "index.html", "glossary.md": "read/glossary.html" };

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".jp-RenderedMarkdown a[href]");
  const [folder, file] = link ? link.href.split("#")[0].split("/files/") : [];
  if (!PAGES[file] || folder !== new URL("..", location.href).href.slice(0, -1)) return;
  event.preventDefault();
  event.stopPropagation();
  open(new URL(`../../${PAGES[file]}${link.hash}`, location.href).href, "_blank");
}, { capture: true });
