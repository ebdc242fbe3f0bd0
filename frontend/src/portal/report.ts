/* The report's form: what belongs to a line that is not in the list shows only then. */
import { fillKept, keepReport } from "./kept";

const formOf = (scope: ParentNode) => scope.querySelector<HTMLFormElement>("form[data-keeps]");

function show(form: HTMLFormElement): void {
  const other = form.querySelector<HTMLElement>(".other-line");
  const chosen = form.querySelector<HTMLInputElement>("[name=line]:checked");
  if (other && chosen) other.hidden = chosen.value !== "";
}

export function startReport(): void {
  const form = formOf(document);
  if (!form) return;
  void fillKept(form).then(() => show(form));
  document.addEventListener("change", (event) => {
    const changed = (event.target as Element).closest<HTMLFormElement>("form[data-keeps]");
    if (changed) show(changed);
  });
  const lost = (event: Event) => {
    const sent = (event as CustomEvent<{ elt: HTMLElement }>).detail.elt;
    if (sent.matches("form[data-keeps]")) void keepReport(sent as HTMLFormElement);
  };
  document.body.addEventListener("htmx:sendError", lost);
  document.body.addEventListener("htmx:timeout", lost);
}
