/* What only the portal's pages with a form need: photos made small, reports kept while offline. */
import { startPhotos } from "./portal/photos";
import { startReport } from "./portal/report";

startPhotos();
startReport();
