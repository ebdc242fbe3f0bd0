import htmx from "htmx.org";
// @ts-expect-error the package ships types only for its script build
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

import { startCase } from "./islands/case";
import { startClocks } from "./islands/clocks";
import { startCompany } from "./islands/company";
import { startInputs } from "./islands/inputs";
import { startIntake } from "./islands/intake";
import { startLayers } from "./islands/layers";
import { startLive } from "./islands/live";
import { startPalette } from "./islands/palette";
import { startPreferences } from "./islands/preferences";
import { startPicking } from "./islands/picking";
import { startQueue } from "./islands/queue";
import { startRequests } from "./islands/requests";
import { startShortcuts } from "./islands/shortcuts";
import { startToasts } from "./islands/toasts";
import { startWriting } from "./islands/writing";

// hx-swap="morph" keeps focus, selection and open details of what did not change.
htmx.defineExtension("morph", {
  handleSwap: (style, target, fragment) => {
    if (style !== "morph") return false;
    return Idiomorph.morph(target, fragment.childNodes, { morphStyle: "innerHTML", restoreFocus: true }) as Node[];
  },
});

async function drawChartsIn(scope: ParentNode): Promise<void> {
  if (!scope.querySelector("[data-chart]")) return;
  const { drawCharts } = await import("./charts");
  drawCharts(scope);
}

function start(): void {
  startPreferences();
  startToasts();
  startRequests();
  startClocks();
  startLayers();
  startInputs();
  startIntake();
  startQueue();
  startPicking();
  startCase();
  startCompany();
  startLive();
  startShortcuts();
  startPalette();
  startWriting();
  void drawChartsIn(document);
  document.body.addEventListener("htmx:afterSettle", (event) => void drawChartsIn(event.target as HTMLElement));
}

// A module script runs after the document has been parsed.
start();
