// Draws the charts: every <figure data-chart="ID"> shows the figures of the JSON block with that id; its table stands beside it.
// Also the button that copies a link.
(() => {
  // ECharts writes style="…" into its SVG, which the pages' policy refuses; the same text given to the style object is allowed.
  const set = SVGElement.prototype.setAttribute;
  SVGElement.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else set.call(this, name, value);
  };

  const COLOURS = { certain: "#0b5cad", possible: "#a9c8ea", third: "#2b8a3e", ink: "#1f2937", soft: "#52606d", line: "#dfe4ea" };
  const FONT = getComputedStyle(document.body).fontFamily;
  const text = { fontFamily: FONT, fontSize: 13, color: COLOURS.ink };
  const base = { animation: false, textStyle: text, aria: { enabled: true } };

  const bars = ({ rows, series, unit }, width) => {
    const narrow = width < 480;
    const colours = [COLOURS.certain, COLOURS.possible];
    return {
      height: rows.length * (narrow ? 52 : 40) + 80,
      option: {
        ...base,
        color: colours,
        legend: { bottom: 0, data: series, textStyle: text, itemWidth: 16, selectedMode: false },
        grid: { left: 4, right: 16, top: narrow ? 14 : 4, bottom: narrow ? 58 : 34, containLabel: !narrow },
        xAxis: {
          type: "value", max: 100, interval: 25,
          axisLabel: { ...text, color: COLOURS.soft, formatter: `{value}${unit}` }, splitLine: { lineStyle: { color: COLOURS.line } },
        },
        yAxis: {
          type: "category", inverse: true, data: rows.map((row) => row.name), axisTick: { show: false }, axisLine: { show: false },
          // on a phone the name stands above its bar, so that the bar has the whole width
          axisLabel: narrow
            ? { ...text, inside: true, align: "left", verticalAlign: "bottom", padding: [0, 0, 11, -7], width: width - 30, overflow: "truncate" }
            : { ...text, width: Math.min(190, width * 0.38), overflow: "break" },
          z: 10,
        },
        series: series.map((name, index) => ({
          name, type: "bar", stack: "all", barWidth: narrow ? 12 : 16, data: rows.map((row) => row.values[index]),
          itemStyle: { borderRadius: 2 }, silent: true,
        })),
      },
    };
  };

  const lines = ({ names, lines: curves, max }) => ({
    height: 300,
    option: {
      ...base,
      color: [COLOURS.certain, "#5b8fc7", COLOURS.third],
      legend: { bottom: 0, textStyle: text, selectedMode: false, icon: "circle", itemWidth: 10 },
      grid: { left: 4, right: 24, top: 16, bottom: 38, containLabel: true },
      xAxis: { type: "category", data: names, axisLabel: text, axisTick: { show: false } },
      yAxis: { type: "value", min: 0, max, axisLabel: { ...text, color: COLOURS.soft }, splitLine: { lineStyle: { color: COLOURS.line } } },
      series: curves.map((curve) => ({
        name: curve.name, type: "line", data: curve.values, symbol: "circle", symbolSize: 9, connectNulls: true, silent: true,
        lineStyle: { width: 3, type: curve.dashed ? "dashed" : "solid" },
        label: { show: !curve.dashed, position: "top", ...text, formatter: ({ value }) => (value == null ? "" : Math.round(value * 10) / 10) },
      })),
    },
  });

  const KINDS = { bars, lines };
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const place = document.createElement("div");
    figure.hidden = false;
    figure.append(place);
    let chart;
    const draw = () => {
      const { height, option } = KINDS[data.kind](data, figure.clientWidth);
      place.style.height = `${height}px`;
      chart ??= echarts.init(place, null, { renderer: "svg" });
      chart.resize();
      chart.setOption(option, true);
      const drawn = place.querySelector("svg");
      drawn?.setAttribute("role", "img");
      drawn?.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    };
    draw();
    addEventListener("resize", draw);
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      button.textContent = button.dataset.done;
    });
  }
})();
