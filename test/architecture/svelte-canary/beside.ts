// The native compiler begins at a TypeScript file: of Svelte files alone it looks at none.
export { default as Canary } from './Canary.svelte'
