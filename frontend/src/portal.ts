/* What only the portal does: it can be installed, makes photos small, and keeps reports while offline. */
import { startKept } from "./portal/kept";
import { startPhotos } from "./portal/photos";
import { startReport } from "./portal/report";

startPhotos();
startReport();
startKept();
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => undefined);
