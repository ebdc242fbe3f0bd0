/* The report's form: what belongs to a line that is not in the list shows only then. */

export function startReport(): void {
  const form = document.querySelector<HTMLFormElement>("#report form");
  const other = form?.querySelector<HTMLElement>(".other-line");
  if (!form || !other) return;
  const show = () => {
    const chosen = form.querySelector<HTMLInputElement>("[name=line]:checked");
    if (chosen) other.hidden = chosen.value !== "";
  };
  form.addEventListener("change", show);
  show();
}
