// Reads a Parquet file with hyparquet and prints its columns as JSON: node hyparquet.mjs MODULES FILE COLUMNS [LOW]
// Times are asked for as numbers, since JavaScript's own have milliseconds; what JSON cannot say stands in an object with a "$".

import { pathToFileURL } from "node:url"

const [modules, path, columns, low] = process.argv.slice(2)
const load = (name) => import(pathToFileURL(`${modules}/node_modules/${name}`))
const { asyncBufferFromFile, parquetReadObjects } = await load("hyparquet/src/node.js")
const { compressors } = await load("hyparquet-compressors/src/index.js")

function plain(value) {
  if (value === undefined || value === null) return null
  if (typeof value === "bigint") return { $integer: String(value) }
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : { $double: Object.is(value, -0) ? "-0.0" : String(value) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain)
  if (typeof value === "object") return { $members: Object.entries(value).map(([name, member]) => [name, plain(member)]) }
  return value
}

const wanted = JSON.parse(columns)
const rows = await parquetReadObjects({
  file: await asyncBufferFromFile(path),
  columns: wanted,
  compressors,
  utf8: false,
  parsers: { timestampFromMicroseconds: (micros) => micros, dateFromDays: (days) => days },
  ...(low === undefined ? {} : { filter: { n: { $gte: BigInt(low) } } }),
})
process.stdout.write(JSON.stringify(Object.fromEntries(wanted.map((name) => [name, rows.map((row) => plain(row[name]))]))))
