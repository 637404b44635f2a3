import { Deployment } from "./deployment.ts";
import { isGood, playSeed } from "./run.ts";

const t0 = Date.now();
await using d = await Deployment.start();
console.log("deployed", Date.now() - t0);
const [from, n] = process.argv.slice(2).map(Number);
for (let s = from!; s < from! + n!; s++) {
  const t = Date.now();
  const o = await playSeed(d, s, { elsewhere: "http://127.0.0.1:9" });
  console.log(
    s,
    Date.now() - t,
    "ms rows",
    o.rows,
    "lost",
    o.lost.length,
    "twiceOut",
    o.twiceOutside.length,
    "inflight",
    o.twiceInFlight,
    "trace",
    o.trace,
    isGood(o) ? "" : "BAD",
    Object.values(o.faults).reduce((a, b) => a + b, 0),
  );
  if (!isGood(o)) console.log(o.wrong.slice(0, 5), o.lost.slice(0, 3), o.twiceOutside.slice(0, 3));
}
