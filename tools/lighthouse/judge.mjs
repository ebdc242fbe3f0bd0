// Let Lighthouse judge pages: reads [{url, cookie}, ...], writes [{accessibility, ...}, ...].
import { readFileSync } from "node:fs";
import { desktopConfig, default as lighthouse } from "lighthouse";
import { connect } from "puppeteer-core";

// A session is a cookie, which Lighthouse would sweep away before each page.
const { port, pages } = JSON.parse(readFileSync(0, "utf-8"));
const categories = ["accessibility", "best-practices"];
const browser = await connect({ browserURL: `http://127.0.0.1:${port}` });
const cookies = (url, given) =>
  given.split("; ").map((one) => {
    const [name, value] = one.split("=");
    return { name, value, domain: new URL(url).hostname, path: "/" };
  });
const found = [];
for (const { url, cookie, wide } of pages) {
  const options = {
    port,
    logLevel: "error",
    onlyCategories: categories,
    disableStorageReset: true,
    throttlingMethod: "provided",
  };
  await browser.setCookie(...cookies(url, cookie));
  const { lhr } = await lighthouse(url, options, wide ? desktopConfig : undefined);
  const failed = categories.flatMap((name) =>
    lhr.categories[name].auditRefs
      .filter((one) => one.weight > 0 && (lhr.audits[one.id].score ?? 1) < 1)
      .map((one) => one.id),
  );
  found.push({
    ...Object.fromEntries(
      categories.map((name) => [
        name.replace("-", "_"),
        Math.round((lhr.categories[name].score ?? 0) * 100),
      ]),
    ),
    ...(lhr.finalDisplayedUrl === new URL(url).href ? {} : { went_to: lhr.finalDisplayedUrl }),
    ...(lhr.runtimeError ? { error: lhr.runtimeError.message } : {}),
    ...(failed.length ? { failed } : {}),
  });
}
await browser.disconnect();
console.log(JSON.stringify(found));
