// The published types as programs see them: test/types against the tarball, under every module resolution and set of libraries.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const { ModuleKind, ModuleResolutionKind } = ts;

const RESOLUTIONS = {
  node16: { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 },
  nodenext: { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext },
  bundler: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
};

/** Each has a program of its name in test/types. `lib` and `types` as in tsconfig.json. */
const PLACES = {
  node: { lib: ['es2022'], types: ['node'] },
  dom: { lib: ['es2022', 'dom'], types: [] },
  webworker: { lib: ['es2022', 'webworker'], types: [] },
};

/**
 * Type-checks the programs of test/types, strictly and with the package's own declarations.
 *
 * @param {string} tarball what `npm pack` made
 * @param {string} folder to be made, to work in
 * @returns {string[]} what is wrong
 */
export function checkTypes(tarball, folder) {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  renameSync(join(folder, 'package'), join(folder, 'node_modules/pixbytes'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  cpSync('test/types', folder, { recursive: true });
  return Object.entries(RESOLUTIONS).flatMap(([resolution, modules]) =>
    Object.entries(PLACES).flatMap(([place, { lib, types }]) => {
      const program = ts.createProgram(
        ['everywhere', place].map((name) => join(folder, `${name}.ts`)),
        {
          ...modules,
          target: ts.ScriptTarget.ES2022,
          lib: lib.map((name) => `lib.${name}.d.ts`),
          types,
          typeRoots: [resolve('node_modules/@types')],
          strict: true,
          skipLibCheck: false,
          noEmit: true,
        },
      );
      return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
        const text = ts.formatDiagnostic(diagnostic, {
          getCanonicalFileName: (name) => name,
          getCurrentDirectory: () => folder,
          getNewLine: () => '\n',
        });
        return `${resolution}, ${place}: ${text.trimEnd()}`;
      });
    }),
  );
}
