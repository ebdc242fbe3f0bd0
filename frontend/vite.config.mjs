import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const listed = resolve(here, "icons.txt");

/** Put the icons that icons.txt names into one SVG sprite; a name that does not exist fails the build. */
function iconSprite() {
  const symbol = (name) => {
    const file = resolve(here, `node_modules/lucide-static/icons/${name}.svg`);
    const drawing = readFileSync(file, "utf8")
      .replace(/<!--.*?-->/gs, "")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/\s+/g, " ")
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${drawing}</symbol>`;
  };
  return {
    name: "icon-sprite",
    buildStart() {
      this.addWatchFile(listed);
      const names = [...new Set(readFileSync(listed, "utf8").split(/\s+/).filter(Boolean))].sort();
      const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "icons.svg", source: sprite });
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  plugins: [tailwindcss(), iconSprite()],
  build: {
    outDir: resolve(here, "../src/changtong/web/ui/static/ui/dist"),
    emptyOutDir: true,
    assetsDir: "",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    // Native import() only: the preload wrapper would need inline styles and an absolute base.
    modulePreload: false,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: {
        main: resolve(here, "src/main.ts"),
        theme: resolve(here, "src/theme.ts"),
        style: resolve(here, "src/styles/main.css"),
      },
    },
  },
});
