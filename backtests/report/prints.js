"use strict";

// The volume at each price: a profile beside the prices, and a footprint where few candles are seen.
const Prints = (() => {
  // As many as leave cells wide enough to be seen, and high enough for numbers.
  const MOST_CANDLES = 40;
  const MOST_ROWS = 22;
  const ROWS_OF_PROFILE = 60;
  const NICE = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000];
  const OUTSIDE = "#c9d3de";
  const INSIDE = "#8ba0b7";
  const PEAK = "#7b3fa0";
  const SIDES = ["buy", "sell", "unsigned"];
  // Numbers in cells: the sizes of their font, the width of a digit in it, and the space beside them.
  const FONTS = [10, 9, 8];
  const DIGIT = 0.6;
  const SPACE = 4;

  function read(packed, start) {
    const { tick, bucket, seconds } = packed;
    const columns = {};
    for (const name of ["start", "count", "first", "offset"]) {
      columns[name] = Bars.unpack(packed[name], Int32Array);
    }
    const sides = SIDES.filter((name) => name in packed);
    for (const name of sides) columns[name] = Bars.unpack(packed[name], Float32Array);
    const times = Float64Array.from(columns.start, (s) => start + s * 1000);
    const cell = new Int32Array(times.length + 1);
    columns.count.forEach((count, i) => (cell[i + 1] = cell[i] + count));
    return { ...columns, times, cell, sides, bucket, length: seconds * 1000, price: tick * bucket };
  }

  // Calls `take` with the bar, the bucket and the cell of all bars that begin in a span.
  function each(prints, from, to, take) {
    const end = Bars.firstAtOrAfter(prints.times, to);
    for (let bar = Bars.firstAtOrAfter(prints.times, from); bar < end; bar++) {
      for (let i = prints.cell[bar]; i < prints.cell[bar + 1]; i++) {
        take(bar, prints.first[bar] + prints.offset[i], i);
      }
    }
  }

  const total = (prints, i) => prints.sides.reduce((sum, side) => sum + prints[side][i], 0);

  // Rows of a whole number of buckets, at most so many in a range of prices.
  function rowsFor(prints, range, most) {
    const wanted = range / prints.price / most;
    return NICE.find((count) => count >= wanted) ?? Math.ceil(wanted);
  }

  // The width of a row is that of the system at the end of the window, in whole buckets.
  function profile(chart, prints, bars, to, range) {
    const { minutes, upper, lower, peak } = chart.profile;
    const last = Bars.firstAtOrAfter(bars.time, to) - 1;
    if (last < 0) return { x: [], y: [], width: [], color: [], end: null };
    const end = bars.time[last] + chart.base;
    const own = bars.width ? Math.round(bars.width[last] / prints.price) : NaN;
    const size = own >= 1 ? own : rowsFor(prints, range[1] - range[0], ROWS_OF_PROFILE);
    const volumes = new Map();
    each(prints, end - minutes * Bars.MINUTE, end, (bar, bucket, i) => {
      const row = Math.floor(bucket / size);
      volumes.set(row, (volumes.get(row) ?? 0) + total(prints, i));
    });
    const height = size * prints.price;
    const rows = [...volumes.keys()].sort((a, b) => a - b);
    const edges = { upper, lower, peak };
    for (const key in edges) edges[key] = edges[key] ? bars[edges[key]][last] : NaN;
    // Levels are the lower edges of their rows.
    const rowOf = (price) => Math.floor((price + height * 1e-6) / height);
    const color = rows.map((row) => {
      if (row === rowOf(edges.peak)) return PEAK;
      return row >= rowOf(edges.lower) && row <= rowOf(edges.upper) ? INSIDE : OUTSIDE;
    });
    return {
      x: rows.map((row) => volumes.get(row)),
      y: rows.map((row) => (row + 0.5) * height),
      width: rows.map(() => height * 0.9),
      color,
      end,
    };
  }

  const whole = (value) => {
    if (value === 0) return "0";
    return value >= 100 ? Math.round(value).toLocaleString("en-US") : `${Number(value.toPrecision(2))}`;
  };

  function short(value) {
    if (value < 1000) return whole(value);
    const [unit, letter] = value >= 999_500 ? [1e6, "M"] : [1e3, "k"];
    return `${Number((value / unit).toPrecision(value / unit < 9.95 ? 2 : 3))}${letter}`;
  }

  // The form and the font of the numbers with which the longest of them fits a width (pixels).
  function fitting(volumes, width) {
    for (const shorten of [whole, short]) {
      const longest = Math.max(0, ...volumes.map(([b, s]) => `${shorten(s)} × ${shorten(b)}`.length));
      const size = FONTS.find((font) => longest * font * DIGIT + SPACE <= width);
      if (size) return { shorten, size };
    }
    return null;
  }

  // Cells of the candles in view by rows of price, or null where they are too many. Numbers stand in
  // them where they fit the width of a cell (pixels).
  function footprint(prints, candles, length, width) {
    if (length % prints.length || !candles.length) return null;
    const begin = candles[0].start;
    const columns = (candles[candles.length - 1].start - begin) / length + 1;
    if (columns > MOST_CANDLES) return null;
    const low = Math.min(...candles.map((row) => row.low));
    const high = Math.max(...candles.map((row) => row.high));
    // A column for each time, also where nothing was traded: cells are as wide as candles.
    const starts = Array.from({ length: columns }, (_, i) => begin + i * length);
    const size = rowsFor(prints, high - low, MOST_ROWS);
    const height = size * prints.price;
    const first = Math.floor(low / height);
    const count = Math.floor(high / height) - first + 1;
    const table = () => Array.from({ length: count }, () => starts.map(() => 0));
    const [buy, sell] = [table(), table()];
    starts.forEach((start, column) => {
      each(prints, start, start + length, (bar, bucket, i) => {
        const row = Math.min(count - 1, Math.max(0, Math.floor(bucket / size) - first));
        buy[row][column] += prints.buy ? prints.buy[i] : 0;
        sell[row][column] += prints.sell ? prints.sell[i] : 0;
      });
    });
    const most = Math.max(1e-12, ...buy.flat(), ...sell.flat());
    const cells = (value) => buy.map((row, i) => row.map((one, j) => value(one, sell[i][j])));
    const found = fitting(cells((b, s) => [b, s]).flat(), width);
    const shorten = found?.shorten ?? whole;
    return {
      x: starts.map((start) => start + length / 2),
      y: buy.map((_, i) => (first + i + 0.5) * height),
      z: cells((b, s) => (b + s > 0 ? (b - s) / most : null)),
      text: cells((b, s) => (b + s > 0 ? `${shorten(s)} × ${shorten(b)}` : "")),
      texttemplate: found ? "%{text}" : "",
      textfont: { size: found?.size ?? FONTS[0] },
      range: [first * height, (first + count) * height],
    };
  }

  return { footprint, profile, read };
})();
