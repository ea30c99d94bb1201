import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { trimmed } from "./monaco.ts";
import { packed } from "./packed.ts";

/** Pages and what they load, for `gateway/server/pages.py` to serve: one HTML file each, all else under `assets/`. */
export default defineConfig({
  base: "./",
  plugins: [trimmed(), react(), packed()],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 8000,
    rollupOptions: {
      onwarn: (warning, tell) => {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") tell(warning); // React's own, of no concern to a bundle
      },
      input: { graphiql: resolve("graphiql.html"), door: resolve("door.html") },
    },
  },
});
