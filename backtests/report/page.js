"use strict";

// Draws the charts. Candles are built here from the minutes (or seconds), of the shortest length
// that keeps the number in view small, so a chart of months zooms as fast as one of hours.
(() => {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const LENGTHS = [
    ...[1, 5, 10, 15, 30].map((s) => s * SECOND),
    ...[1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 10080].map((m) => m * MINUTE),
  ];
  const CANDLES_IN_VIEW = 450;
  const OVERVIEW_POINTS = 1200;
  const narrow = window.innerWidth < 600;
  const BUY = "#1f6fb2";
  const SELL = "#dd7a12";
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
  };

  function unpack(text, type) {
    return new type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  }

  function readMinutes(packed) {
    const { start, seconds, ...columns } = packed;
    const minutes = { time: Float64Array.from(unpack(seconds, Int32Array), (s) => start + s * 1000) };
    for (const name in columns) minutes[name] = unpack(columns[name], Float32Array);
    return minutes;
  }

  function firstAtOrAfter(times, time) {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const dateOf = (time) => Date.parse(`${time.replace(" ", "T")}Z`);
  const textOf = (time) => new Date(time).toISOString().slice(0, -1);

  function breaksOf(chart) {
    return (chart.layout.xaxis.rangebreaks ?? []).map(({ values, dvalue }) => {
      const begin = dateOf(values[0]);
      return { begin, end: begin + dvalue };
    });
  }

  // A view that begins or ends within hours left out is one that ends at their edge.
  function outsideBreaks(chart, from, to) {
    for (const { begin, end } of breaksOf(chart)) {
      if (from >= begin && from < end) from = end;
      if (to > begin && to <= end) to = begin;
    }
    return [from, to];
  }

  // Hours that the axis leaves out need no candles; the bars of the page are the shortest.
  function lengthFor(chart, from, to, count) {
    const base = chart.base ?? MINUTE;
    let span = to - from;
    for (const { begin, end } of breaksOf(chart)) {
      span -= Math.max(0, Math.min(to, end) - Math.max(from, begin));
    }
    const lengths = LENGTHS.filter((length) => length >= base);
    return lengths.find((length) => span / length <= count) ?? lengths[lengths.length - 1];
  }

  // Levels are those at the end of a candle, flow is summed, imbalance averaged.
  function candles(minutes, from, to, length) {
    const rows = [];
    let row = null;
    const end = firstAtOrAfter(minutes.time, to);
    for (let i = firstAtOrAfter(minutes.time, from); i < end; i++) {
      const start = Math.floor(minutes.time[i] / length) * length;
      if (row === null || row.start !== start) {
        row = { start, open: NaN, high: -Infinity, low: Infinity, close: NaN, flow: 0, sum: 0, count: 0 };
        rows.push(row);
      }
      if (!Number.isNaN(minutes.close[i])) {
        if (Number.isNaN(row.open)) row.open = minutes.open[i];
        row.high = Math.max(row.high, minutes.high[i]);
        row.low = Math.min(row.low, minutes.low[i]);
        row.close = minutes.close[i];
      }
      row.poc = minutes.poc?.[i] ?? NaN;
      row.vah = minutes.vah?.[i] ?? NaN;
      row.val = minutes.val?.[i] ?? NaN;
      if (!Number.isNaN(minutes.flow[i])) row.flow += minutes.flow[i];
      if (!Number.isNaN(minutes.imbalance?.[i] ?? NaN)) {
        row.sum += minutes.imbalance[i];
        row.count += 1;
      }
    }
    return rows;
  }

  // Steps of a level; the line breaks where the level is missing or a candle is.
  function steps(rows, length, name) {
    const x = [];
    const y = [];
    let previous = null;
    for (const row of rows) {
      if (previous !== null && (row.start !== previous || Number.isNaN(row[name]))) {
        x.push(null);
        y.push(null);
      }
      previous = null;
      if (Number.isNaN(row[name])) continue;
      x.push(row.start, row.start + length);
      y.push(row[name], row[name]);
      previous = row.start + length;
    }
    return { x, y };
  }

  // One closed outline for each run of valid value areas.
  function area(rows, length) {
    const high = steps(rows, length, "vah");
    const low = steps(rows, length, "val");
    const x = [];
    const y = [];
    let begin = 0;
    for (let i = 0; i <= high.x.length; i++) {
      if (i < high.x.length && high.x[i] !== null) continue;
      if (i > begin) {
        const back = low.x.slice(begin, i).reverse();
        x.push(...high.x.slice(begin, i), ...back, high.x[begin], null);
        y.push(...high.y.slice(begin, i), ...low.y.slice(begin, i).reverse(), high.y[begin], null);
      }
      begin = i + 1;
    }
    return { x, y };
  }

  function padded(low, high) {
    if (!(low <= high)) return null;
    const room = 0.05 * (high - low) || Math.abs(high) * 0.001 || 1;
    return [low - room, high + room];
  }

  function lengthText(length) {
    const minutes = length / MINUTE;
    if (minutes < 1) return `${length / SECOND} s`;
    if (minutes < 60) return `${minutes} min`;
    return minutes < 1440 ? `${minutes / 60} h` : `${minutes / 1440} d`;
  }

  function candleText(row, decimals) {
    const price = (value) =>
      value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    const lines = [
      `open ${price(row.open)}  high ${price(row.high)}`,
      `low ${price(row.low)}  close ${price(row.close)}`,
    ];
    if (!Number.isNaN(row.vah)) {
      lines.push(`VAH ${price(row.vah)}  POC ${price(row.poc)}  VAL ${price(row.val)}`);
    }
    return lines.join("<br>");
  }

  // The candles, levels, stops and targets in view all fit.
  function priceRange(chart, rows, from, to) {
    let low = Math.min(...rows.map((row) => row.low));
    let high = Math.max(...rows.map((row) => row.high));
    for (const row of rows) {
      if (row.val < low) low = row.val;
      if (row.vah > high) high = row.vah;
    }
    for (const trace of chart.data) {
      if (trace.meta !== "protection") continue;
      for (let i = 0; i < trace.x.length; i += 3) {
        if (trace.x[i] > to || trace.x[i + 1] < from) continue;
        low = Math.min(low, trace.y[i]);
        high = Math.max(high, trace.y[i]);
      }
    }
    // A level not far away is worth seeing; a far one would press the price flat.
    const near = 0.2 * (high - low);
    for (const level of chart.levels ?? []) {
      if (level.from >= to || level.to <= from) continue;
      if (level.price < low - near || level.price > high + near) continue;
      low = Math.min(low, level.price);
      high = Math.max(high, level.price);
    }
    return padded(low, high);
  }

  // Markers shrink where many are in view, so that they leave the price to be seen.
  function scaleMarkers(chart, from, to) {
    const groups = chart.data.filter((trace) => trace.meta?.size && trace.visible !== "legendonly");
    const inView = (trace) => trace.x.filter((time) => time >= from && time <= to).length;
    const count = groups.reduce((sum, trace) => sum + inView(trace), 0);
    const scale = Math.max(0.6, Math.min(1, Math.sqrt(100 / count)));
    for (const trace of groups) {
      const line = { ...trace.marker.line, width: trace.meta.outline * scale };
      trace.marker = { ...trace.marker, size: trace.meta.size * scale, line };
    }
  }

  function fill(chart, minutes, from, to) {
    const length = lengthFor(chart, from, to, CANDLES_IN_VIEW);
    const margin = (to - from) / 2;
    const rows = candles(minutes, from - margin, to + margin, length);
    const traded = rows.filter((row) => !Number.isNaN(row.close));
    const seen = traded.filter((row) => row.start + length > from && row.start < to);
    // Times are those of the start, the marks stand in the middle of their candle.
    const time = { xperiod: length, xperiod0: 0, xperiodalignment: "middle" };
    const starts = (group) => ({ ...time, x: group.map((row) => row.start) });
    const content = {
      area: () => area(rows, length),
      poc: () => steps(rows, length, "poc"),
      candles: () => ({
        ...starts(traded),
        open: traded.map((row) => row.open),
        high: traded.map((row) => row.high),
        low: traded.map((row) => row.low),
        close: traded.map((row) => row.close),
        text: traded.map((row) => candleText(row, chart.decimals)),
      }),
      flow: (trace) => ({
        ...starts(rows),
        y: rows.map((row) => row.flow),
        marker: { ...trace.marker, color: rows.map((row) => (row.flow < 0 ? SELL : BUY)) },
      }),
      imbalance: () => ({
        ...starts(rows),
        y: rows.map((row) => (row.count ? row.sum / row.count : null)),
      }),
    };
    for (const trace of chart.data) {
      if (trace.meta in content) Object.assign(trace, content[trace.meta](trace));
    }
    const flows = seen.map((row) => row.flow);
    const { yaxis, yaxis2, yaxis3 } = chart.layout;
    yaxis.range = priceRange(chart, seen, from, to) ?? yaxis.range;
    yaxis2.range = padded(Math.min(0, ...flows), Math.max(0, ...flows)) ?? yaxis2.range;
    if (yaxis3) yaxis3.range = [-1.05, 1.05];
    scaleMarkers(chart, from, to);
    document.getElementById(`${chart.id}-candles`).textContent = lengthText(length);
  }

  function fillOverview(chart, minutes, first, last) {
    const rows = candles(minutes, first, last, lengthFor(chart, first, last, OVERVIEW_POINTS));
    const trace = chart.data.find((one) => one.meta === "overview");
    trace.x = rows.map((row) => row.start);
    trace.y = rows.map((row) => row.close);
    chart.layout.yaxis4.range = padded(
      Math.min(...rows.map((row) => row.low)),
      Math.max(...rows.map((row) => row.high)),
    );
  }

  function drawPrices(chart) {
    const element = document.getElementById(chart.id);
    const minutes = readMinutes(chart.minutes);
    const range = () => outsideBreaks(chart, ...chart.layout.xaxis.range.map(dateOf));
    const [first, last] = range();
    let drawn = "";
    let timer = 0;
    const redraw = () => {
      const [from, to] = range();
      if (`${from} ${to}` === drawn) return;
      drawn = `${from} ${to}`;
      chart.layout.xaxis.range = [textOf(from), textOf(to)];
      fill(chart, minutes, from, to);
      if (chart.levels) {
        // How high the pane is shows only when it is drawn: the slider below takes its part.
        const pane = element.querySelector('.nsewdrag[data-subplot="xy"]');
        const room = pane?.getBoundingClientRect().height ?? 0;
        chart.layout.annotations = levelLabels(chart, room, from, to, narrow);
      }
      Plotly.react(element, chart.data, chart.layout, CONFIG);
    };
    fillOverview(chart, minutes, first, last);
    fill(chart, minutes, first, last);
    Plotly.newPlot(element, chart.data, chart.layout, CONFIG);
    if (chart.levels) redraw();
    drawn = `${first} ${last}`;
    element.on("plotly_relayout", () => {
      clearTimeout(timer);
      timer = setTimeout(redraw, 60);
    });
  }

  // On a phone there is room for the market alone: no buttons, fewer times, narrow margins.
  function fitNarrow(layout) {
    Object.assign(layout.margin, { l: 74, r: 8 });
    for (const name in layout) {
      if (!name.startsWith("xaxis")) continue;
      layout[name].nticks = 3;
      delete layout[name].rangeselector;
    }
    layout.legend.font.size = 11;
  }

  const report = JSON.parse(document.getElementById("charts").textContent);
  if (narrow) CONFIG.displayModeBar = false;
  for (const chart of report) {
    if (narrow) fitNarrow(chart.layout);
    if (chart.minutes) drawPrices(chart);
    else Plotly.newPlot(chart.id, chart.data, chart.layout, CONFIG);
  }

  // A click on a trade's number shows the trade in its chart, with as much market around it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-chart]");
    if (link === null) return;
    const [from, to] = [Number(link.dataset.from), Number(link.dataset.to)];
    const chart = report.find((one) => one.id === link.dataset.chart);
    const base = chart.base ?? MINUTE;
    const room = Math.max(to - from, Math.max(30 * base, 2 * MINUTE));
    const range = outsideBreaks(chart, from - room, to + room).map(textOf);
    Plotly.relayout(link.dataset.chart, { "xaxis.range": range });
  });
})();
