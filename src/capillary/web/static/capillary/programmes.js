// The list: choosing all rows of a page, copying. The dashboard: every chart is drawn from the table below it.
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-all]");
    if (!all) return;
    for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
  });
  const equip = () => {
    for (const all of document.querySelectorAll("[data-all]")) {
      all.parentElement.hidden = false;
      all.closest("th").querySelector("[data-plain]")?.remove();
    }
  };
  equip();
  document.addEventListener("htmx:afterSwap", equip);
  // only one menu is open at a time, and Escape closes it
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".drop[open]")) return;
    for (const other of document.querySelectorAll(".drop[open]")) if (other !== event.target) other.open = false;
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(".drop[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".drop[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        button.textContent = button.dataset.done;
      });
    }
  }

  if (!window.echarts) return;
  const BLUES = ["#c6d8ee", "#8fb6de", "#5591c8", "#1f6bb0", "#0b4a8a", "#082f58", "#04162b"];
  const GREY = "#b8c0ca";
  const MOST_BARS = 15;
  const text = { color: "#182433", fontSize: 13, fontFamily: getComputedStyle(document.body).fontFamily };
  const read = (table) => {
    const rows = [...table.tBodies[0].rows].filter((row) => !row.classList.contains("sum")).slice(0, MOST_BARS);
    const cells = rows.map((row) => [...row.cells].slice(1).filter((cell) => !cell.classList.contains("sum")));
    return {
      none: table.hasAttribute("data-none"),
      names: rows.map((row) => row.cells[0].textContent),
      columns: [...table.tHead.rows[0].cells].slice(1, 1 + (cells[0]?.length ?? 0)).map((cell) => cell.textContent),
      values: cells.map((line) => line.map((cell) => (cell.dataset.count === "" ? null : Number(cell.dataset.count)))),
    };
  };
  const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
  const bars = (data, narrow, most) => ({
    aria: { enabled: false },
    animation: false,
    textStyle: text,
    grid: { left: 8, right: 24, top: data.columns.length > 1 ? (narrow ? 92 : 60) : 8, bottom: 8, containLabel: true },
    legend: data.columns.length > 1 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 14, textStyle: text } : undefined,
    xAxis: { type: "value", minInterval: 1, axisLabel: { ...text, hideOverlap: true }, splitNumber: narrow ? 3 : 5 },
    yAxis: { type: "category", inverse: true, data: data.names.map((name) => short(name, most)), axisLabel: { ...text, interval: 0 }, axisTick: { show: false } },
    series: data.columns.map((name, index) => ({
      name,
      type: "bar",
      stack: "all",
      barMaxWidth: 26,
      itemStyle: { color: data.columns.length === 1 ? BLUES[3] : data.none && index === data.columns.length - 1 ? GREY : colour(index, data.columns.length), borderColor: "#fff", borderWidth: 1 },
      data: data.values.map((line) => line[index]),
    })),
  });
  const colour = (index, count) => (count > BLUES.length ? [...BLUES, GREY][index] ?? GREY : BLUES[Math.round((index * (BLUES.length - 1)) / Math.max(count, 4))]);
  const line = (data) => ({
    animation: false,
    textStyle: text,
    grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: data.names, axisLabel: { ...text, hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1, axisLabel: text },
    series: data.columns.map((name, index) => ({ name, type: "bar", barMaxWidth: 30, itemStyle: { color: BLUES[3] }, data: data.values.map((values) => values[index]) })),
  });
  for (const place of document.querySelectorAll(".chart")) {
    const data = read(document.getElementById(place.dataset.table));
    if (!data.values.flat().some((value) => value)) continue;
    const across = place.dataset.chart !== "line";
    const narrow = place.clientWidth < 480;
    place.style.height = across ? `${(data.columns.length > 1 ? (narrow ? 120 : 90) : 40) + 34 * data.names.length}px` : "240px";
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption(across ? bars(data, narrow, place.clientWidth < 360 ? 11 : narrow ? 18 : 26) : line(data));
    new ResizeObserver(() => chart.resize()).observe(place);
  }
})();
