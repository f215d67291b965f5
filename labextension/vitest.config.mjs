import { defineConfig } from 'vitest/config';

// @jupyter/web-components (0.16) imports without file endings, which Node does not resolve.
export default defineConfig({ test: { server: { deps: { inline: [/@jupyter/] } } } });
