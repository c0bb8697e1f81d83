// Starts Pyodide in the worker where the kernel lives, and tells the page how it gets on.
//
// The kernel takes this file for pyodide.js. A package whose lock file entry has no address of its
// own lies beside the lock file, wherever the site is; Pyodide alone would look for it at indexURL.
const worker = Math.random(); // other tabs hear this one, too
const channel = new BroadcastChannel(`python at ${self.location.href.split("extensions/")[0]}`);
const tell = (what) => channel.postMessage({ worker, ...what });
const fetchFile = self.fetch;
let bytes = 0;
let places = []; // where the files of Python are

self.fetch = async (...what) => {
  const address = String(what[0]?.url ?? what[0]);
  const ours = places.some((place) => address.startsWith(place));
  try {
    const response = await fetchFile(...what);
    if (ours && !response.ok) throw new Error(`answer ${response.status}`);
    bytes += ours ? Number(response.headers.get("Content-Length") ?? 0) : 0;
    if (ours) tell({ bytes });
    return response;
  } catch (error) {
    if (ours) tell({ failed: address, error: String(error) });
    throw error;
  }
};

self.loadPyodide = async (options) => {
  const failed = (error) => {
    tell({ failed: "", error: String(error) });
    throw error;
  };
  places = [options.indexURL, new URL(".", options.lockFileURL).href];
  tell({ bytes });
  try {
    const lock = await (await self.fetch(options.lockFileURL)).json();
    for (const each of Object.values(lock.packages))
      each.file_name = new URL(each.file_name, options.lockFileURL).href;
    const resolved = new Blob([JSON.stringify(lock)], { type: "application/json" });
    const lockFileURL = URL.createObjectURL(resolved);
    const entry = `${options.indexURL}pyodide.js`;
    try {
      importScripts(entry); // defines another loadPyodide
    } catch (error) {
      tell({ failed: entry, error: String(error) });
      throw error;
    }
    const python = await self.loadPyodide({ ...options, lockFileURL });
    // The last thing that the kernel does is to import itself. What the notebooks import comes
    // after that: it takes a second, in which the reader can already look around.
    const run = python.runPythonAsync;
    python.runPythonAsync = async (...code) => {
      const result = await run.apply(python, code).catch(failed);
      if (/^import pyodide_kernel/m.test(code[0]))
        python.loadPackage("bnlib").then(() => tell({ ready: true }), failed);
      return result;
    };
    return python;
  } catch (error) {
    failed(error);
  }
};
