"use strict";

// Candles of any length from the bars that the page carries.
const Bars = (() => {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const LENGTHS = [
    ...[1, 5, 10, 15, 30].map((s) => s * SECOND),
    ...[1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 10080].map((m) => m * MINUTE),
  ];

  function unpack(text, type) {
    return new type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  }

  function read(packed) {
    const { start, seconds, ...columns } = packed;
    const bars = { time: Float64Array.from(unpack(seconds, Int32Array), (s) => start + s * 1000) };
    for (const name in columns) bars[name] = unpack(columns[name], Float32Array);
    return bars;
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

  // Hours that the axis leaves out need no candles; the bars of the page are the shortest.
  function lengthFor(chart, breaks, from, to, count) {
    let span = to - from;
    for (const { begin, end } of breaks) {
      span -= Math.max(0, Math.min(to, end) - Math.max(from, begin));
    }
    const lengths = LENGTHS.filter((length) => length >= chart.base);
    return lengths.find((length) => span / length <= count) ?? lengths[lengths.length - 1];
  }

  // A candle has its own lowest and highest price; other columns are joined as each of them says:
  // the last value, the sum, or the mean of those there are.
  function candles(bars, joins, from, to, length) {
    const names = Object.keys(joins);
    const rows = [];
    let row = null;
    const end = firstAtOrAfter(bars.time, to);
    for (let i = firstAtOrAfter(bars.time, from); i < end; i++) {
      const start = Math.floor(bars.time[i] / length) * length;
      if (row === null || row.start !== start) {
        row = { start, open: NaN, high: -Infinity, low: Infinity, close: NaN, counts: {} };
        for (const name of names) row[name] = joins[name] === "last" ? NaN : 0;
        rows.push(row);
      }
      if (!Number.isNaN(bars.close[i])) {
        if (Number.isNaN(row.open)) row.open = bars.open[i];
        row.high = Math.max(row.high, bars.high[i]);
        row.low = Math.min(row.low, bars.low[i]);
        row.close = bars.close[i];
      }
      for (const name of names) {
        const value = bars[name][i];
        if (joins[name] === "last") row[name] = value;
        else if (!Number.isNaN(value)) {
          row[name] += value;
          row.counts[name] = (row.counts[name] ?? 0) + 1;
        }
      }
    }
    for (const one of rows) {
      for (const name of names) {
        if (joins[name] === "mean") one[name] = one.counts[name] ? one[name] / one.counts[name] : NaN;
      }
    }
    return rows;
  }

  // Steps of a column; the line breaks where a value is missing or a candle is.
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

  // One closed outline for each run of candles that have both columns.
  function band(rows, length, upper, lower) {
    const high = steps(rows, length, upper);
    const low = steps(rows, length, lower);
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

  function lengthText(length) {
    const minutes = length / MINUTE;
    if (minutes < 1) return `${length / SECOND} s`;
    if (minutes < 60) return `${minutes} min`;
    return minutes < 1440 ? `${minutes / 60} h` : `${minutes / 1440} d`;
  }

  return { MINUTE, band, candles, firstAtOrAfter, lengthFor, lengthText, read, steps, unpack };
})();
