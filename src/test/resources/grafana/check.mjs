// Type-checks a dashboard: node check.mjs DASHBOARD.json, where @grafana/schema and typescript are installed.
// The dashboard becomes a literal of TypeScript, so that a field that the schema does not have is an error too; each
// panel's options and custom field options are held to the types of its kind of panel.
import {readFileSync, writeFileSync} from 'node:fs';
import ts from 'typescript';

const KINDS = {
  timeseries: ['timeseries', 'TimeSeriesPanelCfg', true],
  stat: ['stat', 'StatPanelCfg', false],
  table: ['table', 'TablePanelCfg', true],
  heatmap: ['heatmap', 'HeatmapPanelCfg', true],
};
const dashboard = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const lines = [
  "import type {Dashboard, Panel, RowPanel, VariableModel} from '@grafana/schema';",
  ...Object.values(KINDS).map(([folder, name]) =>
    `import type * as ${name} from '@grafana/schema/dist/esm/raw/composable/${folder}/panelcfg/x/${name}_types.gen';`),
  // What stands in JSON for an enum of strings is the string.
  'type Plain<T> = 0 extends 1 & T ? T : T extends string ? `${T}` : T extends readonly (infer U)[] ? Plain<U>[]',
  '  : T extends object ? {[K in keyof T]: Plain<T[K]>} : T;',
];
const held = (name, type, value) => lines.push(`export const ${name}: Plain<${type}> = ${JSON.stringify(value)};`);
const {panels, templating, ...rest} = dashboard;
held('whole', "Omit<Dashboard, 'panels' | 'templating'>", rest);
templating.list.forEach((variable, i) => held(`variable${i}`, 'VariableModel', variable));
panels.forEach((panel, i) => {
  if (panel.type === 'row') {
    held(`row${i}`, 'RowPanel', panel);
    return;
  }
  const kind = KINDS[panel.type];
  if (!kind) throw new Error(`no types for a panel of kind ${panel.type}: ${panel.title}`);
  held(`panel${i}`, 'Panel', panel);
  held(`options${i}`, `${kind[1]}.Options`, panel.options);
  const custom = panel.fieldConfig.defaults.custom;
  if (kind[2] && custom) held(`custom${i}`, `Partial<${kind[1]}.FieldConfig>`, custom);
});
writeFileSync('dashboard.ts', lines.join('\n') + '\n');

const program = ts.createProgram(['dashboard.ts'], {
  strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
});
const mistakes = ts.getPreEmitDiagnostics(program);
for (const mistake of mistakes) {
  const {line} = mistake.file ? mistake.file.getLineAndCharacterOfPosition(mistake.start) : {line: -1};
  console.log(`${lines[line]?.slice(0, 120)}\n  ${ts.flattenDiagnosticMessageText(mistake.messageText, '\n  ')}`);
}
console.log(`${panels.length} panels, ${mistakes.length} mistakes`);
process.exit(mistakes.length === 0 ? 0 : 1);
