import htmx from "htmx.org";
// @ts-expect-error the package ships types only for its script build
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

import { say } from "../words";
import { note, type Changed } from "./live";

/* A list of tickets that stays true: rows change in place, new ones wait behind a calm bar. */

const ASK_APART = 1_000;
const AT_MOST = 50;
const AT_TOP = 80;

interface Fresh {
  html: string;
  held: boolean;
}

class Queue {
  private readonly wanted = new Set<string>();
  private readonly waiting = new Set<string>();
  private timer = 0;
  private askedAt = 0;

  constructor(
    private readonly region: HTMLElement,
    private readonly bar: HTMLElement,
    private readonly news: HTMLElement,
  ) {
    document.addEventListener("live:changed", (event) => this.take((event as CustomEvent<Changed>).detail));
    document.addEventListener("live:anew", () => this.refresh());
    document.addEventListener("live:up", () => this.tellShown());
    region.addEventListener("htmx:afterSettle", () => {
      this.waiting.clear();
      this.showBar();
      this.tellShown();
      document.dispatchEvent(new CustomEvent("live:rows"));
    });
    bar.addEventListener("click", () => {
      this.refresh();
      scrollTo({ top: 0 });
    });
  }

  private row(number: string): HTMLElement | null {
    return document.getElementById(`row-${number}`);
  }

  private numbers(): string[] {
    return [...this.region.querySelectorAll<HTMLElement>("tr[id^=row-]")].map((row) => row.id.slice(4));
  }

  private tellShown(): void {
    note({ shown: this.numbers() });
  }

  private refresh(): void {
    htmx.trigger(this.region, "refresh", {});
  }

  private take({ changed, entered }: Changed): void {
    const arrived = new Set(entered);
    for (const number of changed) if (this.row(number) || arrived.has(number)) this.wanted.add(number);
    if (!this.wanted.size || this.timer) return;
    const wait = Math.max(0, this.askedAt + ASK_APART - Date.now()) + Math.random() * 300;
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    this.timer = 0;
    this.askedAt = Date.now();
    const numbers = [...this.wanted].slice(0, AT_MOST);
    numbers.forEach((number) => this.wanted.delete(number));
    const url = new URL(this.region.dataset["rows"] ?? "", location.href);
    url.searchParams.set("numbers", numbers.join(","));
    try {
      const answer = await fetch(url, { redirect: "error" });
      if (!answer.ok) return;
      const { rows } = (await answer.json()) as { rows: Record<string, Fresh> };
      this.show(numbers, rows);
    } catch {
      // The next change, or the slow refresh, will bring it.
    }
    if (this.wanted.size) this.take({ changed: [...this.wanted], entered: [...this.wanted] });
  }

  private show(numbers: string[], rows: Record<string, Fresh>): void {
    let changed = 0;
    let left = 0;
    for (const number of numbers) {
      const row = this.row(number);
      const fresh = rows[number];
      if (row) {
        if (fresh) this.swap(row, fresh.html);
        const gone = !fresh?.held;
        if (gone) left += 1;
        else changed += 1;
        this.mark(row, gone);
      } else if (fresh?.held) this.waiting.add(number);
      else this.waiting.delete(number);
    }
    document.dispatchEvent(new CustomEvent("live:rows"));
    if (this.waiting.size && this.isCalm()) {
      const count = this.waiting.size;
      this.refresh();
      this.say(say("arrived", count));
      return;
    }
    this.showBar();
    this.say([changed && say("rowsChanged", changed), left && say("rowsLeft", left)].filter(Boolean).join(say("clauses")));
  }

  private swap(row: HTMLElement, html: string): void {
    const holder = document.createElement("template");
    holder.innerHTML = `<table><tbody>${html}</tbody></table>`;
    const fresh = holder.content.querySelector("tr");
    if (!fresh) return;
    const picked = row.querySelector<HTMLInputElement>("input[type=checkbox]")?.checked;
    Idiomorph.morph(row, fresh, { morphStyle: "outerHTML", restoreFocus: true });
    const box = this.row(row.id.slice(4))?.querySelector<HTMLInputElement>("input[type=checkbox]");
    if (box && picked !== undefined) box.checked = picked;
    htmx.process(row);
  }

  private mark(row: HTMLElement, gone: boolean): void {
    row.toggleAttribute("data-gone", gone);
    row.querySelector(".row-gone")?.remove();
    if (gone) {
      const words = document.createElement("span");
      words.className = "row-gone";
      words.textContent = say("gone");
      row.querySelector("th")?.append(words);
    }
    row.removeAttribute("data-fresh");
    // The same row twice in a row shall be seen to change twice.
    void row.offsetWidth;
    row.setAttribute("data-fresh", "");
  }

  /** Nobody is in the middle of something: at the top, no row in focus or picked, nothing open. */
  private isCalm(): boolean {
    const busy = this.region.contains(document.activeElement) || this.region.querySelector("input:checked, [data-preview]");
    return !busy && scrollY < AT_TOP && this.region.scrollTop < AT_TOP && !document.querySelector("dialog[open]") && !new URLSearchParams(location.search).has("after");
  }

  private showBar(): void {
    const count = this.waiting.size;
    this.bar.hidden = !count;
    const words = this.bar.querySelector("[data-words]");
    if (words) words.textContent = say("newTickets", count);
    if (count) this.say(say("newTickets", count));
  }

  private say(words: string): void {
    if (words) this.news.textContent = words;
  }
}

export function startQueue(): void {
  const region = document.querySelector<HTMLElement>("[data-live][data-rows]");
  const bar = document.getElementById("arrivals");
  const news = document.getElementById("queue-news");
  if (region && bar && news) new Queue(region, bar, news);
}
