// On a running notebook's page: says how far Python's start is, and what to do where it fails.
// The worker tells (start.js); without a word from it for a while the page says so itself.
const LONG = 60; // seconds without news before the reader is told

const box = document.createElement("div");
box.setAttribute("role", "status");
box.style.cssText =
  "position: fixed; z-index: 10000; right: 1rem; bottom: 2.2rem; max-width: min(26rem, 80vw);" +
  "padding: .6rem 1rem; border-radius: 6px; background: #1b3a57; color: #fff;" +
  "font: 15px/1.45 system-ui, sans-serif; box-shadow: 0 2px 8px #0005";

const name = new URLSearchParams(location.search).get("path")?.replace(".ipynb", "") ?? "";
const reading = new URL(`../../${name ? `read/${name}.html` : ""}`, location.href).href;
const ways = `You can <a style="color: #9fd3ff" href="${reading}">read this notebook</a> without
  running it, reload the page, or run the series on your own machine.`;
let over = false;
let patience;

function say(html) {
  box.innerHTML = html;
  if (!box.isConnected) document.body.append(box);
}

function fail(what) {
  if (over) return;
  over = true;
  clearTimeout(patience);
  box.setAttribute("role", "alert");
  say(`<b>Python does not start in this browser.</b><br>${what}<br>${ways}`);
}

function wait() {
  clearTimeout(patience);
  patience = setTimeout(
    () => fail(`Nothing has come from the server for ${LONG} seconds.`), LONG * 1000);
}

function escaped(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node.innerHTML;
}

function heard({ data }) {
  if (over) return;
  wait();
  if (data.failed) {
    const file = data.failed.split("/").pop() || data.failed;
    const lines = data.error.trim().split("\n");
    fail(`A file of this site is missing, damaged or out of reach: <b>${escaped(file)}</b>
      (${escaped(lines[lines.length - 1].slice(0, 200))}).`);
  } else if (data.ready) {
    over = true;
    clearTimeout(patience);
    box.remove();
  } else {
    say(`Python is starting: ${(data.bytes / 1e6).toFixed(0)} MB so far. The first time it fetches
      some 25, then your browser has them. The pictures below were saved with the notebook.`);
  }
}

if (typeof WebAssembly === "undefined" || typeof BroadcastChannel === "undefined") {
  fail("It is too old, or WebAssembly is switched off in it.");
} else {
  new BroadcastChannel("python").onmessage = heard;
  wait();
  const start = new URL("../static/pyodide/start.js", location.href).href;
  fetch(start, { method: "HEAD" })
    .then((answer) => answer.ok || heard({ data: { failed: start, error: `answer ${answer.status}` } }))
    .catch((error) => heard({ data: { failed: start, error: String(error) } }));
}

// Links to texts of the series lead to the pages to read: JupyterLite would open them in an editor.
const PAGES = { "README.md": "index.html", "glossary.md": "read/glossary.html",
  "one_page.md": "read/one_page.html" };

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".jp-RenderedMarkdown a[href]");
  const address = link && new URL(link.href);
  const page = address && PAGES[address.pathname.split("/").pop()];
  if (!page) return;
  event.preventDefault();
  event.stopPropagation();
  open(new URL(`../../${page}${address.hash}`, location.href).href, "_blank");
}, { capture: true });
