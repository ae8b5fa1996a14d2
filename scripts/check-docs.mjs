// Every export of a public entry has a doc comment, and so has every member of an exported interface or class.
import ts from 'typescript';

const ENTRIES = ['index', 'png', 'jpeg', 'webp', 'node'].map((name) => `src/${name}.ts`);

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
const program = ts.createProgram(ENTRIES, options);
const checker = program.getTypeChecker();
const missing = new Set();
let seen = 0;

function check(symbol, name) {
  seen++;
  const documented = symbol.declarations.some(
    (declaration) => ts.getJSDocCommentsAndTags(declaration).length > 0,
  );
  if (!documented) missing.add(name);
}

for (const entry of ENTRIES) {
  const source = program.getSourceFile(entry);
  for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(source))) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    check(symbol, symbol.name);
    if (!(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) continue;
    for (const member of symbol.members.values()) {
      if (member.flags & ts.SymbolFlags.TypeParameter) continue;
      check(member, `${symbol.name}.${member.name}`);
    }
  }
}

if (missing.size > 0) {
  process.stderr.write(`Without a doc comment: ${[...missing].join(', ')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${seen} exports and members have doc comments\n`);
}
