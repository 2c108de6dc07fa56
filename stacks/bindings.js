// The Node half of bindings.py. It runs inside jsii's Node process, before any provider package is loaded.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const threads = require("node:worker_threads");

// 1. The index of a provider package loads each resource at its first use: jsii looks a class up by its name in
// the exports of the index, where each becomes a getter.
const INDEX = /[\\/]node_modules[\\/]@cdkt(?:f|n)[\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
// CDK Terrain's packages have `__importStar` around it, which returns such a module as it is.
const EXPORT = /^exports\.(\w+) = (?:__importStar\()?require\(("\.\/[^"]+")\)\)?;$/gm;
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

// 2. jsii keeps an index of each package's types in its cache, which saves later runs a second. A thread builds
// it in about three seconds. An app that ends sooner would end that thread, at every run; so here a process of
// its own builds it, and outlives the app.
const { Worker } = threads;
threads.Worker = function (file, options) {
  if (path.basename(String(file)) !== "runtime-index-worker.js") {
    return new Worker(file, options);
  }
  // The app sees the package through a link that is removed when it ends; the cache has the real folder.
  const packageDir = fs.realpathSync(options.workerData.packageDir);
  const build = `new (require("node:worker_threads").Worker)(
    ${JSON.stringify(file)}, { workerData: ${JSON.stringify({ ...options.workerData, packageDir })} })`;
  const builder = spawn(process.execPath, ["-e", build], { detached: true, stdio: "ignore", windowsHide: true });
  builder.unref();
  return builder;
};
