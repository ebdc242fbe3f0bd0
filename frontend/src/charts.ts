import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

/* Loaded only by pages that hold a `[data-chart]`; main.ts imports this file on demand. */

echarts.use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

type Series = { name: string; values: (number | null)[]; kind?: "bar" | "line" };
type Figure = { kind: "bar" | "line" | "hbar" | "stacked" | "donut"; labels: string[]; series: Series[]; unit?: string };

function color(name: string): string {
  // ECharts does not read oklch(); a canvas turns any CSS color into plain rgb.
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!context) return "#888888";
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${r}, ${g}, ${b})`;
}

function options(figure: Figure): Record<string, unknown> {
  const ink = color("--color-base-content");
  const quiet = color("--ink-quiet");
  const line = color("--color-base-300");
  const palette = [1, 2, 3, 4, 5, 6].map((place) => color(`--chart-${place}`));
  const text = { color: quiet, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
  const common = {
    color: palette,
    textStyle: text,
    aria: { enabled: true },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
    legend: { show: figure.series.length > 1 || figure.kind === "donut", top: 0, textStyle: text, itemWidth: 14, itemHeight: 10 },
    // Rich text is drawn on the canvas; HTML tool-tips would need inline styles, which the policy forbids.
    tooltip: { trigger: figure.kind === "donut" ? "item" : "axis", renderMode: "richText", textStyle: { ...text, color: ink }, backgroundColor: color("--color-base-100"), borderColor: line, confine: true },
  };
  if (figure.kind === "donut") {
    const values = figure.series[0]?.values ?? [];
    return {
      ...common,
      series: [{ type: "pie", radius: ["52%", "76%"], center: ["50%", "56%"], label: { ...text, color: ink }, data: figure.labels.map((name, place) => ({ name, value: values[place] ?? 0 })) }],
    };
  }
  const categories = { type: "category", data: figure.labels, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: text };
  const values = { type: "value", minInterval: 1, splitLine: { lineStyle: { color: line } }, axisLabel: text, name: figure.unit, nameTextStyle: text };
  const lying = figure.kind === "hbar";
  return {
    ...common,
    grid: { left: 8, right: 16, top: figure.series.length > 1 || figure.unit ? 36 : 12, bottom: 4, containLabel: true },
    xAxis: lying ? { ...values, name: undefined } : categories,
    yAxis: lying ? { ...categories, inverse: true } : values,
    series: figure.series.map((series) => ({
      type: series.kind ?? (figure.kind === "line" ? "line" : "bar"),
      name: series.name,
      data: series.values,
      stack: figure.kind === "stacked" ? "all" : undefined,
      barMaxWidth: 22,
      smooth: false,
      symbolSize: 6,
      lineStyle: { width: 2 },
      itemStyle: { borderColor: color("--color-base-100"), borderWidth: figure.kind === "stacked" ? 1 : 0, borderRadius: figure.kind === "stacked" ? 0 : lying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
    })),
  };
}

function draw(element: HTMLElement): void {
  const source = document.getElementById(element.dataset["chart"] ?? "");
  if (!source?.textContent) return;
  const figure = JSON.parse(source.textContent) as Figure;
  const chart = echarts.getInstanceByDom(element) ?? echarts.init(element);
  chart.setOption(options(figure), true);
}

const observer = new ResizeObserver((entries) =>
  entries.forEach(({ target }) => echarts.getInstanceByDom(target as HTMLElement)?.resize()),
);

export function drawCharts(scope: ParentNode): void {
  scope.querySelectorAll<HTMLElement>("[data-chart]").forEach((element) => {
    draw(element);
    observer.observe(element);
  });
}

document.addEventListener("themechange", () => drawCharts(document));
