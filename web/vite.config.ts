import { defineConfig } from "vitest/config";

/** Builds into the Python package, so that the wheel carries the console. */
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/luchtwacht/server/static",
    emptyOutDir: true,
    target: "es2022",
    // The base map is fetched after the first paint; the map library alone is beyond Vite's default of 500 kB.
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is bundled go with it.
    license: { fileName: "licences.md" },
  },
  worker: { format: "es" },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8099", ws: true, changeOrigin: false } },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
