// Starts Pyodide in the worker where the kernel lives, and tells the page how it gets on.
//
// The kernel takes this file for pyodide.js. A package whose lock file entry has no address of its
// own lies beside the lock file, wherever the site is; Pyodide alone would look for it at indexURL.
const page = new BroadcastChannel("python");
const fetchFile = self.fetch;
let bytes = 0;

self.fetch = async (...what) => {
  const address = String(what[0]?.url ?? what[0]);
  try {
    const response = await fetchFile(...what);
    if (!response.ok && /pyodide/.test(address)) throw new Error(`answer ${response.status}`);
    bytes += Number(response.headers.get("Content-Length") ?? 0);
    page.postMessage({ bytes });
    return response;
  } catch (error) {
    page.postMessage({ failed: address, error: String(error) });
    throw error;
  }
};

self.loadPyodide = async (options) => {
  const failed = (error) => {
    page.postMessage({ failed: options.indexURL, error: String(error) });
    throw error;
  };
  try {
    const lock = await (await self.fetch(options.lockFileURL)).json();
    for (const each of Object.values(lock.packages))
      each.file_name = new URL(each.file_name, options.lockFileURL).href;
    const resolved = new Blob([JSON.stringify(lock)], { type: "application/json" });
    const lockFileURL = URL.createObjectURL(resolved);
    importScripts(options.indexURL + "pyodide.js"); // defines another loadPyodide
    const python = await self.loadPyodide({ ...options, lockFileURL });
    // The last thing that the kernel does is to import itself. What the notebooks import comes
    // after that: it takes a second, in which the reader can already look around.
    const run = python.runPythonAsync;
    python.runPythonAsync = async (...code) => {
      const result = await run.apply(python, code).catch(failed);
      if (/^import pyodide_kernel/m.test(code[0]))
        python.loadPackage("bnlib").then(() => page.postMessage({ ready: true }), failed);
      return result;
    };
    return python;
  } catch (error) {
    failed(error);
  }
};
