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

/** Put the Chinese fonts of the handbook beside the rest, where the server finds them. */
function handbookFonts() {
  const files = ["serif-sc/400Regular/NotoSerifSC_400Regular", "serif-sc/700Bold/NotoSerifSC_700Bold",
    "sans-sc/400Regular/NotoSansSC_400Regular", "sans-sc/700Bold/NotoSansSC_700Bold"];
  return {
    name: "handbook-fonts",
    generateBundle() {
      for (const file of files) {
        const source = readFileSync(resolve(here, `node_modules/@expo-google-fonts/noto-${file}.ttf`));
        this.emitFile({ type: "asset", fileName: `fonts/${file.split("/").at(-1)}.ttf`, source });
      }
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  plugins: [tailwindcss(), iconSprite(), handbookFonts()],
  build: {
    outDir: resolve(here, "../src/changtong/web/ui/static/ui/dist"),
    emptyOutDir: true,
    assetsDir: "",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    // Native import() only: the preload wrapper would need inline styles and an absolute base.
    modulePreload: false,
    // WeChat's own browser on old phones: scripts for Chromium 87, styles for 99, the first with layers.
    target: ["chrome87", "safari14.1", "firefox91"],
    cssTarget: ["chrome99", "safari15.4", "firefox97"],
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: {
        board: resolve(here, "src/board.ts"),
        roster: resolve(here, "src/roster.ts"),
        main: resolve(here, "src/main.ts"),
        portal: resolve(here, "src/portal.ts"),
        sw: resolve(here, "src/sw.ts"),
        theme: resolve(here, "src/theme.ts"),
        style: resolve(here, "src/styles/main.css"),
      },
    },
  },
});
