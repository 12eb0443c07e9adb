// Holds manifests to the schemas that their makers publish: node validate.mjs manifests.json (a list). A line for
// each mistake. Of custom resources each value is also replaced by one of another type: where nobody minds, nobody
// knows the field.
import {readFileSync} from 'node:fs';
import * as path from 'node:path';

const custom = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'keda.sh': '@kubernetes-models/keda',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
};

async function model(manifest) {
  const group = manifest.apiVersion.split('/')[0];
  const from = custom[group] ?? 'kubernetes-models';
  const file = path.join('node_modules', from, manifest.apiVersion, `${manifest.kind}.js`);
  return {type: (await import(path.resolve(file)))[manifest.kind], isCustom: group in custom};
}

function problem(type, manifest) {
  try {
    new type(manifest).validate();
    return null;
  } catch (e) {
    return String(e);
  }
}

function* leaves(value, at = []) {
  if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...at, key]);
  } else {
    yield at;
  }
}

function withOther(manifest, at) {
  const copy = structuredClone(manifest);
  let holder = copy;
  for (const key of at.slice(0, -1)) holder = holder[key];
  holder[at.at(-1)] = {other: {type: []}};
  return copy;
}

let mistakes = 0;
for (const manifest of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const {type, isCustom} = await model(manifest);
  const found = [problem(type, manifest)].filter(one => one !== null);
  if (isCustom && found.length === 0) {
    for (const at of leaves(manifest.spec ?? {}, ['spec'])) {
      if (problem(type, withOther(manifest, at)) === null) found.push(`nobody knows ${at.join('.')}`);
    }
  }
  for (const one of found) {
    mistakes++;
    console.log(`${manifest.kind} ${manifest.metadata.name}: ${one}`);
  }
}
process.exitCode = mistakes === 0 ? 0 : 1;
