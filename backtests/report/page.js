"use strict";

// Draws the charts. Candles are built here from the bars of the page, of the shortest length that
// keeps the number in view small, so a chart of months zooms as fast as one of hours.
(() => {
  const CANDLES_IN_VIEW = 450;
  const OVERVIEW_POINTS = 1200;
  // In pixels: the footprint with the gap above it.
  const FOOTPRINT_HEIGHT = 340;
  const GAP = 30;
  const narrow = window.innerWidth < 600;
  const BUY = "#1f6fb2";
  const SELL = "#dd7a12";
  const PLAIN = "#9fb3c8";
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
  };

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

  function padded(low, high) {
    if (!(low <= high)) return null;
    const room = 0.05 * (high - low) || Math.abs(high) * 0.001 || 1;
    return [low - room, high + room];
  }

  function candleText(chart, row) {
    const price = (value) =>
      value.toLocaleString("en-US", {
        minimumFractionDigits: chart.decimals,
        maximumFractionDigits: chart.decimals,
      });
    const lines = [
      `open ${price(row.open)}  high ${price(row.high)}`,
      `low ${price(row.low)}  close ${price(row.close)}`,
    ];
    const facts = chart.facts.filter(([, column]) => !Number.isNaN(row[column]));
    if (facts.length) lines.push(facts.map(([name, column]) => `${name} ${price(row[column])}`).join("  "));
    return lines.join("<br>");
  }

  // The candles, their levels, stops and targets in view all fit.
  function priceRange(chart, rows, from, to) {
    let low = Math.min(...rows.map((row) => row.low));
    let high = Math.max(...rows.map((row) => row.high));
    for (const row of rows) {
      for (const column of chart.prices) {
        if (row[column] < low) low = row[column];
        if (row[column] > high) high = row[column];
      }
    }
    for (const trace of chart.data) {
      if (!trace.meta?.keep) continue;
      for (let i = 0; i < trace.x.length; i += 3) {
        if (trace.x[i] > to || trace.x[i + 1] < from) continue;
        low = Math.min(low, trace.y[i]);
        high = Math.max(high, trace.y[i]);
      }
    }
    // A level not far away is worth seeing; a far one would press the price flat.
    const near = 0.2 * (high - low);
    for (const level of chart.levels) {
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

  // What each kind of trace takes from the candles.
  function contents(chart, rows, length) {
    const traded = rows.filter((row) => !Number.isNaN(row.close));
    // Times are those of the start, the marks stand in the middle of their candle.
    const time = { xperiod: length, xperiod0: 0, xperiodalignment: "middle" };
    const starts = (group) => ({ ...time, x: group.map((row) => row.start) });
    const present = (value) => (Number.isNaN(value) ? null : value);
    return {
      band: ({ meta }) => Bars.band(rows, length, meta.upper, meta.lower),
      steps: ({ meta }) => Bars.steps(rows, length, meta.column),
      candles: () => ({
        ...starts(traded),
        open: traded.map((row) => row.open),
        high: traded.map((row) => row.high),
        low: traded.map((row) => row.low),
        close: traded.map((row) => row.close),
        text: traded.map((row) => candleText(chart, row)),
      }),
      histogram: ({ meta, marker }) => ({
        ...starts(rows),
        y: rows.map((row) => row[meta.column]),
        marker: {
          ...marker,
          color: rows.map((row) => (meta.signed ? (row[meta.column] < 0 ? SELL : BUY) : PLAIN)),
        },
      }),
      line: ({ meta }) => ({ ...starts(rows), y: rows.map((row) => present(row[meta.column])) }),
    };
  }

  function fillPrints(chart, loaded, seen, length, from, to) {
    const { layout } = chart;
    const profile = chart.data.find((trace) => trace.meta?.draw === "profile");
    if (profile) {
      const { end, color, ...bars } = Prints.profile(chart, loaded.prints, loaded.bars, to, layout.yaxis.range);
      Object.assign(profile, bars, { marker: { ...profile.marker, color } });
      layout.xaxis3.range = [0, Math.max(1e-12, ...bars.x) * 1.02];
      const hours = chart.profile.minutes / 60;
      const title = narrow ? `${hours} h` : `${chart.profile.name}, ${hours} h`;
      const until = end === null ? "" : `<br>to ${textOf(end).slice(11, 16)}`;
      const place = { xref: "paper", x: 1, xanchor: "right", yref: "paper", y: 1, yanchor: "bottom" };
      layout.annotations = [
        { ...place, text: title + until, showarrow: false, font: { size: 11 }, align: "right" },
      ];
    }
    const cells = chart.data.find((trace) => trace.meta?.draw === "footprint");
    if (cells) {
      const { margin, xaxis } = layout;
      const [left, right] = xaxis.domain ?? [0, 1];
      const plot = document.getElementById(chart.id).clientWidth - margin.l - margin.r;
      const width = (plot * (right - left) * length) / (to - from);
      const found = Prints.footprint(loaded.prints, seen, length, width);
      const { range, ...content } = found ?? { x: [], y: [], z: [], text: [], range: [0, 1] };
      const scale = [[0, SELL], [0.5, "#ffffff"], [1, BUY]];
      Object.assign(cells, content, { zmin: -1, zmax: 1, colorscale: scale });
      Object.assign(layout.yaxis8, { visible: Boolean(found), range });
      makeRoom(layout, loaded, found ? FOOTPRINT_HEIGHT : 0);
    }
  }

  // The footprint stands between panes and prices, and all of them keep their heights.
  function makeRoom(layout, { height, domains, slider, buttons }, room) {
    const plot = height - layout.margin.t - layout.margin.b;
    const whole = plot + room;
    for (const name in domains) layout[name].domain = domains[name].map((part) => (part * plot) / whole);
    const [low] = domains.yaxis;
    layout.yaxis.domain = [(low * plot + room) / whole, 1];
    if (room) layout.yaxis8.domain = [(low * plot) / whole, (low * plot + room - GAP) / whole];
    layout.height = height + room;
    layout.xaxis2.rangeslider.thickness = (slider * plot) / whole;
    if (buttons) layout.xaxis.rangeselector.y = 1 + ((buttons - 1) * plot) / whole;
  }

  function fill(chart, loaded, from, to) {
    const length = Bars.lengthFor(chart, loaded.breaks, from, to, CANDLES_IN_VIEW);
    const margin = (to - from) / 2;
    const rows = Bars.candles(loaded.bars, chart.joins, from - margin, to + margin, length);
    const inView = rows.filter((row) => row.start + length > from && row.start < to);
    const seen = inView.filter((row) => !Number.isNaN(row.close));
    const content = contents(chart, rows, length);
    for (const trace of chart.data) {
      const draw = trace.meta?.draw;
      if (draw in content) Object.assign(trace, content[draw](trace));
    }
    const { yaxis } = chart.layout;
    yaxis.range = priceRange(chart, seen, from, to) ?? yaxis.range;
    for (const { axis, column, bounds } of chart.panes) {
      const values = inView.map((row) => row[column]).filter((value) => !Number.isNaN(value));
      const range = bounds ?? padded(Math.min(0, ...values), Math.max(0, ...values));
      chart.layout[axis].range = range ?? chart.layout[axis].range;
    }
    scaleMarkers(chart, from, to);
    if (loaded.prints) fillPrints(chart, loaded, seen, length, from, to);
    document.getElementById(`${chart.id}-candles`).textContent = Bars.lengthText(length);
  }

  function fillOverview(chart, loaded, first, last) {
    const length = Bars.lengthFor(chart, loaded.breaks, first, last, OVERVIEW_POINTS);
    const rows = Bars.candles(loaded.bars, {}, first, last, length);
    const trace = chart.data.find((one) => one.meta?.draw === "overview");
    trace.x = rows.map((row) => row.start);
    trace.y = rows.map((row) => row.close);
    chart.layout.yaxis9.range = padded(
      Math.min(...rows.map((row) => row.low)),
      Math.max(...rows.map((row) => row.high)),
    );
  }

  function sizesOf(layout) {
    const axes = Object.keys(layout).filter((name) => name.startsWith("yaxis"));
    return {
      height: layout.height,
      domains: Object.fromEntries(axes.map((name) => [name, [...layout[name].domain]])),
      slider: layout.xaxis2.rangeslider.thickness,
      buttons: layout.xaxis.rangeselector?.y,
    };
  }

  function drawPrices(chart) {
    const element = document.getElementById(chart.id);
    const loaded = {
      bars: Bars.read(chart.bars),
      prints: chart.prints ? Prints.read(chart.prints, chart.bars.start) : null,
      breaks: breaksOf(chart),
      ...sizesOf(chart.layout),
    };
    const range = () => outsideBreaks(chart, ...chart.layout.xaxis.range.map(dateOf));
    const [first, last] = range();
    let drawn = "";
    let timer = 0;
    const redraw = () => {
      const [from, to] = range();
      if (`${from} ${to}` === drawn) return;
      drawn = `${from} ${to}`;
      chart.layout.xaxis.range = [textOf(from), textOf(to)];
      fill(chart, loaded, from, to);
      if (chart.levels.length) {
        // How high the pane is shows only when it is drawn: the slider below takes its part.
        const pane = element.querySelector('.nsewdrag[data-subplot="xy"]');
        const room = pane?.getBoundingClientRect().height ?? 0;
        const others = loaded.prints ? chart.layout.annotations : [];
        chart.layout.annotations = [...others, ...levelLabels(chart, room, from, to, narrow)];
      }
      Plotly.react(element, chart.data, chart.layout, CONFIG);
    };
    fillOverview(chart, loaded, first, last);
    fill(chart, loaded, first, last);
    Plotly.newPlot(element, chart.data, chart.layout, CONFIG);
    if (chart.levels.length) redraw();
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
    if (layout.yaxis8) layout.yaxis8.title.text = "";
    layout.legend.font.size = 11;
  }

  const report = JSON.parse(document.getElementById("charts").textContent);
  if (narrow) CONFIG.displayModeBar = false;
  for (const chart of report) {
    if (narrow) fitNarrow(chart.layout);
    if (chart.bars) drawPrices(chart);
    else Plotly.newPlot(chart.id, chart.data, chart.layout, CONFIG);
  }

  // A click on a trade's number shows the trade in its chart, with as much market around it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-chart]");
    if (link === null) return;
    const [from, to] = [Number(link.dataset.from), Number(link.dataset.to)];
    const chart = report.find((one) => one.id === link.dataset.chart);
    const room = Math.max(to - from, Math.max(30 * chart.base, 2 * Bars.MINUTE));
    const range = outsideBreaks(chart, from - room, to + room).map(textOf);
    Plotly.relayout(link.dataset.chart, { "xaxis.range": range });
  });
})();
