"""The script and the style of a replay: they change colours and labels of an SVG, and need no library."""

STYLE = """
.refapp-replay { max-width: 42rem; }
.refapp-replay svg { display: block; width: 100%; height: auto; background: #fff; border-radius: .25rem; }
.refapp-replay .bar { display: flex; gap: .6rem; align-items: center; padding: .2rem 0; }
.refapp-replay .bar button { min-width: 2.4rem; min-height: 2.2rem; font-size: 1rem; cursor: pointer; }
.refapp-replay .bar input { flex: 1; min-width: 6rem; }
.refapp-replay .bar output { font-variant-numeric: tabular-nums; font-size: .85rem; }
.refapp-replay text.value { font-size: 7.5px; font-family: "DejaVu Sans", Verdana, sans-serif; fill: #1f2937;
  text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 2.5px; stroke-linejoin: round; }
html[data-theme="dark"] .refapp-replay svg,
body[data-jp-theme-light="false"] .refapp-replay svg { filter: invert(0.93) hue-rotate(180deg); }
@media (max-width: 600px) { .refapp-replay { overflow-x: auto; } .refapp-replay svg { min-width: 32rem; } }
@media print { .refapp-replay .bar { display: none; } }
"""

PLAYER = """
function (name, data) {
  const root = document.getElementById(name);
  if (!root) return;
  const svg = root.querySelector("svg"), button = root.querySelector("button");
  const slider = root.querySelector("input"), output = root.querySelector("output");
  const space = "http://www.w3.org/2000/svg";
  const known = new Map([...svg.querySelectorAll("[id]")].map((one) => [one.id, one]));
  const parts = {};
  for (const id of [...data.ids.edges, ...data.ids.nodes]) {
    parts[id] = known.has(id) ? [...known.get(id).querySelectorAll("path")] : [];
  }
  const labels = {};
  for (const [id, [x, y]] of Object.entries(data.labels)) {
    const text = document.createElementNS(space, "text");
    text.setAttribute("class", "value");
    svg.appendChild(text);
    labels[id] = { text, x, y };
  }
  const write = (label, lines, bold) => {
    label.text.replaceChildren();
    lines.forEach((line, number) => {
      const part = document.createElementNS(space, "tspan");
      part.setAttribute("x", label.x);
      part.setAttribute("y", label.y + 2.7 + (number - (lines.length - 1) / 2) * data.line);
      part.textContent = line;
      if (number === bold) part.setAttribute("font-weight", "bold");
      label.text.appendChild(part);
    });
  };
  const tcp = { colour: "#0072b2", width: 1.2, dash: "none" };
  const show = (at) => {
    for (const id of data.ids.edges) {
      const [number, lines, bold] = data.edges[at][id] || [0, [], -1];
      const look = number < 0 ? tcp : data.looks[number];
      parts[id].forEach((path, place) => {
        path.style.stroke = look.colour;
        path.style.strokeWidth = look.width;
        path.style.strokeDasharray = place === 0 ? look.dash : "none";
        if (place > 0) path.style.fill = look.colour;
      });
      if (labels[id]) write(labels[id], lines, bold);
    }
    for (const id of data.ids.nodes) {
      const number = data.nodes[at][id];
      const look = data.looks[number === undefined ? 0 : number];
      parts[id].forEach((path) => {
        path.style.stroke = look.colour;
        path.style.fill = look.fill;
        path.style.strokeDasharray = number ? "none" : look.dash;
      });
    }
    output.textContent = data.times[at] + " UTC";
    slider.value = at;
  };
  let timer = null;
  const stop = () => { clearInterval(timer); timer = null; button.textContent = "\\u25b6"; };
  const play = () => {
    button.textContent = "\\u23f8";
    timer = setInterval(() => {
      if (!root.isConnected) { stop(); return; }
      show((Number(slider.value) + 1) % data.times.length);
    }, 600);
  };
  button.addEventListener("click", () => (timer ? stop() : play()));
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  show(data.times.length - 1);
}
"""
