/*
 * Runs before the first paint, as a classic script in <head>: it sets on <html> what the person
 * chose on this device, so that nothing flashes. No imports, so that it stays one plain script.
 */
(() => {
  const root = document.documentElement;
  const chosen = (name: string): string | null => {
    try {
      return localStorage.getItem(`changtong.${name}`);
    } catch {
      return null; // Storage is forbidden: the device's own preference stands.
    }
  };
  // Who is logged in has chosen on the server, and the page says so already.
  if (!root.dataset["kept"]) {
    const theme = chosen("theme");
    if (theme === "light" || theme === "dark") root.dataset["theme"] = `changtong-${theme}`;
    if (!root.dataset["type"] && chosen("type") === "large") root.dataset["type"] = "large";
  }
  if (chosen("rail") === "narrow") root.dataset["rail"] = "narrow";
  root.classList.add("js");
})();
