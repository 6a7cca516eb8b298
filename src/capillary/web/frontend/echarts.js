// The part of ECharts that the pages use. tools/assets.mjs bundles it into static/vendor/echarts.min.js, and leaves out the rest.
import { BarChart, HeatmapChart, LineChart, RadarChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  RadarComponent,
  TitleComponent,
  VisualMapComponent,
} from "echarts/components";
import { getInstanceByDom, init, registerTheme, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  AriaComponent,
  BarChart,
  DatasetComponent,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  RadarChart,
  RadarComponent,
  SVGRenderer,
  TitleComponent,
  VisualMapComponent,
]);

window.echarts = { getInstanceByDom, init, registerTheme };
