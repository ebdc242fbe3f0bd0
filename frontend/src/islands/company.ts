import { say } from "../words";
import { note, type Company } from "./live";

/* Who else looks at a case or writes in it; in the list at its row, on the case in a line of its own. */

const TYPING_APART = 4_000;

function worded(people: Company[string]): string {
  const names = (writes: boolean) =>
    people
      .filter((one) => one[1] === writes)
      .map((one) => one[0])
      .join(say("names"));
  const looking = names(false);
  const writing = names(true);
  return [writing && say("writes", writing), looking && say("looks", looking)].filter(Boolean).join(say("clauses"));
}

function atRow(number: string, people: Company[string]): void {
  const cell = document.getElementById(`row-${number}`)?.querySelector<HTMLElement>("th");
  if (!cell) return;
  let mark = cell.querySelector<HTMLElement>(".row-company");
  if (!people.length) {
    mark?.remove();
    return;
  }
  if (!mark) {
    mark = document.createElement("span");
    mark.className = "row-company";
    cell.append(mark);
  }
  mark.textContent = worded(people);
}

export function startCompany(): void {
  let known: Company = {};
  const line = document.querySelector<HTMLElement>("[data-live-case]");
  const show = () => {
    for (const [number, people] of Object.entries(known)) atRow(number, people);
    const people = known[line?.dataset["liveCase"] ?? ""] ?? [];
    if (line) {
      line.textContent = people.length ? worded(people) : "";
      line.toggleAttribute("data-writes", people.some((one) => one[1]));
    }
  };
  document.addEventListener("live:company", (event) => {
    const told = (event as CustomEvent<Company>).detail;
    if (!Object.keys(told).length) {
      for (const number of Object.keys(known)) known[number] = [];
      show();
      known = {};
      return;
    }
    known = { ...known, ...told };
    show();
  });
  document.addEventListener("live:rows", show);
  if (!line) return;
  let last = 0;
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLElement;
    if (!field.closest("main, dialog") || !field.matches("textarea, input[type=text], input:not([type])")) return;
    if (Date.now() - last < TYPING_APART) return;
    last = Date.now();
    note({ typing: true });
  });
}
