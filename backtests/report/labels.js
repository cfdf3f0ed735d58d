"use strict";

// Labels of daily levels: those in force at the end of the view in the right margin, where none
// lies on another, earlier ones at their own end. On a phone all stand inside the chart, by name alone.
const levelLabels = (() => {
  const LINE = 14;

  // Heights in pixels from the top, moved apart until no label lies on the next.
  function spread(heights, room) {
    const placed = [];
    heights.forEach((height, i) => {
      placed.push(i ? Math.max(height, placed[i - 1] + LINE) : Math.max(height, LINE / 2));
    });
    for (let i = placed.length - 1; i >= 0; i--) {
      const limit = i === placed.length - 1 ? room - LINE / 2 : placed[i + 1] - LINE;
      placed[i] = Math.min(placed[i], limit);
    }
    return placed;
  }

  return (chart, room, from, to, narrow) => {
    const [low, high] = chart.layout.yaxis.range;
    const pixels = (price) => ((high - price) / (high - low)) * room;
    const price = (value) =>
      value.toLocaleString("en-US", {
        minimumFractionDigits: chart.decimals,
        maximumFractionDigits: chart.decimals,
      });

    function label(level, at, edge) {
      const inside = Math.min(high, Math.max(low, level.price));
      const arrow = level.price > high ? "▲ " : level.price < low ? "▼ " : "";
      const outside = edge && !narrow;
      return {
        x: edge ? 1 : level.to,
        xref: edge ? "paper" : "x",
        xanchor: outside ? "left" : "right",
        xshift: outside ? 4 : -2,
        y: inside,
        yref: "y",
        yanchor: "middle",
        yshift: pixels(inside) - at,
        text: outside ? `${arrow}<b>${level.name}</b> ${price(level.price)}` : level.name,
        showarrow: false,
        font: { size: 11, color: level.color },
        bgcolor: "rgba(255, 255, 255, 0.8)",
        borderpad: 0,
      };
    }

    const groups = new Map();
    for (const level of chart.levels) {
      if (level.from >= to || level.to <= from) continue;
      // The last candle may reach beyond the last second.
      const edge = level.to + chart.base >= to;
      const seen = level.price >= low && level.price <= high;
      if (!seen && (!edge || narrow)) continue;
      // A span too short for its name stays without one.
      if (!edge && level.to - Math.max(level.from, from) < 0.05 * (to - from)) continue;
      const key = edge ? "edge" : level.to;
      groups.set(key, [...(groups.get(key) ?? []), level]);
    }
    const labels = [];
    for (const [key, levels] of groups) {
      levels.sort((a, b) => b.price - a.price);
      const heights = levels.map((level) => Math.min(room, Math.max(0, pixels(level.price))));
      const placed = spread(heights, room);
      levels.forEach((level, i) => labels.push(label(level, placed[i], key === "edge")));
    }
    return labels;
  };
})();
