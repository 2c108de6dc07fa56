// The Node half of bindings.py. It runs inside jsii's Node process, before any provider package is loaded.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const threads = require("node:worker_threads");

// 1. The index of a provider package loads each resource at its first use. jsii finds a class by its name on
// what the index exports, so a getter there is all that it takes.
const INDEX = /[\\/]node_modules[\\/]@cdktf[\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const EXPORT = /^exports\.(\w+) = require\(("\.\/[^"]+")\);$/gm;
const LAZILY = `
function $lazily(name, path) {
  Object.defineProperty(exports, name, { enumerable: true, get: () => require(path) });
}
`;

function withGetters(source, filename) {
  const rest = source.replace(EXPORT, "");
  if (rest === source || rest.includes("require(")) {
    process.stderr.write(
      `${filename} is not built as stacks/bindings.js expects: loading all of it, which is slow.\n`,
    );
    return source;
  }
  return source.replace(EXPORT, '$$lazily("$1", $2);') + LAZILY;
}

const compile = Module.prototype._compile;
Module.prototype._compile = function (source, filename, ...rest) {
  return compile.call(this, INDEX.test(filename) ? withGetters(source, filename) : source, filename, ...rest);
};

// 2. jsii keeps an index of each package's types beside it in its cache, which spares later runs a second of
// parsing. A thread of the first run builds it in about three seconds. An app that is done sooner ends that
// thread, every time anew, so here a process of its own builds it, and outlives the app until it is written.
const { Worker } = threads;
threads.Worker = function (file, options) {
  if (path.basename(String(file)) !== "runtime-index-worker.js") {
    return new Worker(file, options);
  }
  // The package is seen through a folder of the app's that goes with it; in the cache it stays.
  const packageDir = fs.realpathSync(options.workerData.packageDir);
  const build = `new (require("node:worker_threads").Worker)(
    ${JSON.stringify(file)}, { workerData: ${JSON.stringify({ ...options.workerData, packageDir })} })`;
  const builder = spawn(process.execPath, ["-e", build], { detached: true, stdio: "ignore", windowsHide: true });
  builder.unref();
  return builder;
};
