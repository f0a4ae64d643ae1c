// What is bundled in place of node:process. As a module of Node that reads all of process, and with it a list of every
// flag that Node knows, which takes longer than some of the console's own files to load.
const { process } = globalThis;

export const { cwd, env } = process;

// biome-ignore lint/style/noDefaultExport: node:process has one.
export default process;
