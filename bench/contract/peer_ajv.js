// node peer_ajv.js schema events spoiled: nanoseconds an event of ajv with JSON.parse, one process, warm. Of the main thread's CPU
// alone: what other threads compile and collect meanwhile is not held against it.
const fs = require("fs");
const [schema_path, events_path, spoiled_path] = process.argv.slice(2);
const schema = JSON.parse(fs.readFileSync(schema_path, "utf8"));
const is2020 = schema.$schema.includes("2020-12");
const Ajv = require(is2020 ? "ajv/dist/2020" : "ajv").default;
const ajv = new Ajv({ strict: false });
require("ajv-formats").default(ajv);
const validate = ajv.compile(schema);
const lines = (path) => fs.readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
const events = lines(events_path);

function pass() {
  let valid = 0;
  for (const line of events) valid += validate(JSON.parse(line)) ? 1 : 0;
  return valid;
}
function seconds(passes) {
  const from = process.threadCpuUsage();
  for (let i = 0; i < passes; ++i) pass();
  const spent = process.threadCpuUsage(from);
  return (spent.user + spent.system) / 1e6;
}
let passes = 1;
while (seconds(passes) < 0.2) passes *= 2;
const rounds = [];
for (let round = 0; round < 7; ++round) rounds.push(seconds(passes) / passes);
rounds.sort((a, b) => a - b);
const spoiled = lines(spoiled_path).filter((line) => validate(JSON.parse(line))).length;
console.log(JSON.stringify({ ns: (rounds[3] * 1e9) / events.length, valid_of_good: pass(), valid: spoiled }));
