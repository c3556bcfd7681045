// Parses and binds queries with Microsoft's own language service:
//   node bind.js FOLDER-OF-THE-PACKAGE < {"tables": {name: schema}, "queries": [text]}
// prints, for each query, its faults ({start, message}) and the columns of its result ({name: type}).
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const folder = process.argv[2];
// The package is two scripts that declare globals, so they cannot be required.
for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, script), "utf8"), { filename: script });
}

const { KustoCode, GlobalState, Symbols } = Kusto.Language;
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const tables = Object.entries(given.tables).map(([name, schema]) =>
  Symbols.TableSymbol.From(schema).WithName(name));
const workspace = new Symbols.DatabaseSymbol.ctor("workspace", tables);
if (workspace.Tables.Count !== tables.length) {
  throw new Error("the tables were not declared: the constructor of DatabaseSymbol has changed");
}
const globals = GlobalState.Default.WithDatabase(workspace);

function listed(list) {
  return list ? Array.from({ length: list.Count }, (_, index) => list.getItem(index)) : [];
}

function bound(text) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  // A table that only a fuzzy union names is a warning; suggestions are matters of taste.
  const faults = listed(code.GetDiagnostics())
    .filter((found) => ["Error", "Warning"].includes(found.Severity))
    .map((found) => ({ start: found.Start, message: found.Message }));
  const columns = listed(code.ResultType && code.ResultType.Columns)
    .map((column) => [column.Name, column.Type.Name]);
  return { faults, columns: Object.fromEntries(columns) };
}

process.stdout.write(JSON.stringify(given.queries.map(bound)));
