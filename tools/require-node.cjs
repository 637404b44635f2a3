// Loaded before every npm script of ours, under whatever Node is first on PATH: so, plain old JavaScript.
var wanted = [22, 18];
var have = process.versions.node.split(".").map(Number);
if (have[0] < wanted[0] || (have[0] === wanted[0] && have[1] < wanted[1])) {
  console.error(
    "This project needs Node " +
      wanted.join(".") +
      " or newer, and npm started it with Node " +
      process.versions.node +
      ".\n" +
      "Node 24 comes with the dev dependency `node`; its install script seems to have been blocked.\n" +
      "Run `npm rebuild node` (npm 12: `npm install-scripts approve node && npm rebuild node`), then try again.",
  );
  process.exit(1);
}
// Compiled code is kept for the next process, children included: it is up to half of what a short command takes.
process.env.NODE_COMPILE_CACHE =
  process.env.NODE_COMPILE_CACHE || require("path").join(__dirname, "../node_modules/.cache/v8");
require("module").enableCompileCache(process.env.NODE_COMPILE_CACHE);
