// What may import what: the house rules. A folder may import what its row lists, the contract, and packages that its rule allows.
const layers = {
  // What methods say of themselves stands beside their code; the contract reads it, and it reads nothing but the shape that it must have.
  contract: { own: '^src-main/contract/', may: ['^src-main/engine/methods/descriptors\\.ts$'] },
  'method-descriptors': {
    own: '^src-main/engine/methods/(descriptors|[^/]+/descriptor)\\.ts$',
    may: ['^src-main/contract/methods/(descriptor|option-fields)\\.ts$'],
  },
  'stream-images': { own: '^src-main/stream/images/', may: ['^src-main/contract/'] },
  'stream-corruptions': {
    own: '^src-main/stream/corruptions/',
    may: ['^src-main/contract/', '^src-main/stream/images/'],
  },
  'stream-inputs': { own: '^src-main/stream/inputs/', may: ['^src-main/contract/', '^src-main/stream/images/'] },
  stream: { own: '^src-main/stream/[^/]+$', may: ['^src-main/contract/', '^src-main/stream/'] },
  'engine-compute': { own: '^src-main/engine/compute/', may: ['^src-main/contract/'] },
  'engine-models': { own: '^src-main/engine/models/', may: ['^src-main/contract/', '^src-main/engine/compute/'] },
  'engine-augment': { own: '^src-main/engine/augment/', may: ['^src-main/contract/', '^src-main/engine/compute/'] },
  'engine-methods': {
    own: '^src-main/engine/methods/',
    may: ['^src-main/contract/', '^src-main/engine/(compute|models|augment)/'],
  },
  'engine-parity': { own: '^src-main/engine/parity/', may: ['^src-main/contract/', '^src-main/engine/'] },
  store: { own: '^src-main/store/', may: ['^src-main/contract/'] },
  // What a migration does is history: it must not change with today's tables.
  'store-migrations': { own: '^src-main/store/migrations/', may: [] },
  session: { own: '^src-main/session/', may: ['^src-main/(contract|stream|engine|store)/'] },
  'app-rpc': { own: '^src-main/app/rpc/', may: ['^src-main/contract/'] },
  'app-services': { own: '^src-main/app/services/', may: ['^src-main/(contract|store)/', '^src-main/app/rpc/'] },
  'app-hosts': { own: '^src-main/app/hosts/', may: ['^src-main/contract/', '^src-main/app/(rpc|services)/'] },
  // Where the rooms are put together: the services and hosts with what they are given of stream, engine, session and store.
  'app-wiring': {
    own: '^src-main/app/wiring/',
    may: ['^src-main/(contract|stream|engine|session|store)/', '^src-main/app/(rpc|services|hosts)/'],
  },
  cli: { own: '^src-main/cli/', may: ['^src-main/contract/', '^src-main/app/(services|wiring)/'] },
  entry: { own: '^src-main/entry/', may: ['^src-main/'] },
  preload: { own: '^src-main/preload\\.ts$', may: ['^src-main/contract/', '^src-main/app/rpc/'] },
  'renderer-api': {
    own: '^src-renderer/api/',
    may: ['^src-main/contract/', '^src-main/app/rpc/', '^src-renderer/lib/'],
  },
  'renderer-state': { own: '^src-renderer/state/', may: ['^src-main/(contract|app/rpc)/', '^src-renderer/(api|lib)/'] },
  'renderer-lib': { own: '^src-renderer/lib/', may: ['^src-main/contract/', '^src-renderer/lib/'] },
  'renderer-charts': {
    own: '^src-renderer/charts/',
    may: ['^src-main/contract/', '^src-renderer/lib/', '^src-renderer/components/Icon\\.svelte$'],
  },
  'renderer-components': { own: '^src-renderer/components/', may: ['^src-main/contract/', '^src-renderer/lib/'] },
  'renderer-views': { own: '^src-renderer/views/', may: ['^src-main/contract/', '^src-renderer/'] },
  'renderer-root': { own: '^src-renderer/[^/]+$', may: ['^src-main/contract/', '^src-renderer/'] },
}

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^electron$', '^#changelog'] },
    },
    ...Object.entries(layers).map(([name, { own, may }]) => ({
      name: `layer-${name}`,
      severity: 'error',
      from: { path: own },
      to: { path: '^(src-main|src-renderer|test)/', pathNot: [own, ...may] },
    })),
    {
      name: 'only-backend-names-tfjs',
      severity: 'error',
      from: { pathNot: '^src-main/engine/compute/backend\\.ts$' },
      to: { path: 'node_modules/@tensorflow' },
    },
    {
      name: 'only-open-webgpu-names-webgpu',
      severity: 'error',
      from: { pathNot: '^src-main/engine/compute/webgpu/open-webgpu\\.ts$' },
      to: { path: 'node_modules/webgpu/' },
    },
    {
      name: 'nobody-imports-an-entry',
      severity: 'error',
      from: { pathNot: '^src-main/entry/' },
      to: { path: '^src-main/entry/' },
    },
    {
      name: 'only-native-status-names-the-build',
      severity: 'error',
      from: { path: '^src-(main|renderer)/', pathNot: '^src-main/app/wiring/native-status\\.ts$' },
      to: { path: '^build/' },
    },
    {
      name: 'electron-in-its-places',
      severity: 'error',
      from: {
        pathNot: ['^src-main/app/hosts/electron/', '^src-main/preload\\.ts$', '^src-main/entry/main\\.ts$'],
      },
      to: { path: '^electron$|node_modules/electron/' },
    },
    {
      name: 'engine-has-no-files',
      severity: 'error',
      from: { path: '^src-main/engine/' },
      to: { path: '^(node:)?(fs|fs/promises|child_process|worker_threads|net|http)$', dependencyTypes: ['core'] },
    },
    {
      name: 'contract-uses-the-validator-only',
      severity: 'error',
      from: { path: '^src-main/(contract/|engine/methods/(descriptors|[^/]+/descriptor)\\.ts$)' },
      to: { dependencyTypes: ['npm', 'core'], pathNot: 'node_modules/zod' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.svelte', '.json'],
    },
  },
}
