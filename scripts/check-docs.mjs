// Every export of a public entry has a doc comment, and so has every member of an exported interface or class. What types an
// export is made of, the same entry exports too.
import ts from 'typescript';

const ENTRIES = ['index', 'png', 'jpeg', 'webp', 'pool', 'node'].map((name) => `src/${name}.ts`);

/** Types that programs meet only as parts of others: a base, and a look-up that leaves other types behind. */
const UNNAMED = ['ImageHeader', 'Dom'];

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
const program = ts.createProgram(ENTRIES, options);
const checker = program.getTypeChecker();
const missing = new Set();
const unexported = new Set();
let seen = 0;

function check(symbol, name) {
  seen++;
  const documented = symbol.declarations.some(
    (declaration) => ts.getJSDocCommentsAndTags(declaration).length > 0,
  );
  if (!documented) missing.add(name);
}

const resolved = (symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** Adds a symbol and the types of ours that its declarations name, bodies apart. */
function reach(symbol, reached) {
  if (reached.has(symbol)) return;
  reached.add(symbol);
  const visit = (node) => {
    if (ts.isBlock(node)) return;
    let name;
    if (ts.isTypeReferenceNode(node)) name = node.typeName;
    if (ts.isExpressionWithTypeArguments(node)) name = node.expression;
    if (name) {
      const type = resolved(checker.getSymbolAtLocation(name));
      const [declaration] = type.declarations;
      const ours = !declaration.getSourceFile().fileName.includes('/node_modules/');
      if (ours && !ts.isTypeParameterDeclaration(declaration)) reach(type, reached);
    }
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations) visit(declaration);
}

for (const entry of ENTRIES) {
  const source = program.getSourceFile(entry);
  const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map(resolved);
  const reached = new Set();
  for (const symbol of exports) reach(symbol, reached);
  for (const symbol of reached) {
    if (!exports.includes(symbol) && !UNNAMED.includes(symbol.name))
      unexported.add(`${entry}: ${symbol.name}`);
  }
  for (const symbol of exports) {
    check(symbol, symbol.name);
    if (!(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) continue;
    for (const member of symbol.members.values()) {
      if (member.flags & ts.SymbolFlags.TypeParameter) continue;
      check(member, `${symbol.name}.${member.name}`);
    }
  }
}

for (const [problem, names] of Object.entries({
  'Without a doc comment': missing,
  'Reached by exports, but not exported': unexported,
})) {
  if (names.size === 0) continue;
  process.stderr.write(`${problem}: ${[...names].join(', ')}\n`);
  process.exitCode = 1;
}
if (!process.exitCode)
  process.stdout.write(`${seen} exports and members have doc comments, their types are exported\n`);
