// Sorting of tables, search for operators, zoom of timelines. The page is whole without it.
(function () {
  "use strict";
  document.documentElement.classList.add("js");

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // Tables

  function value(row, column, isNumber) {
    const text = row.cells[column].textContent.trim();
    if (!isNumber) return text.toLowerCase();
    const number = parseFloat(text.replace(/[,\s+]/g, "").replace("−", "-"));
    return Number.isNaN(number) ? -Infinity : number;
  }

  function sort(heading) {
    const table = heading.closest("table");
    const body = table.tBodies[0];
    const column = heading.cellIndex;
    const isNumber = heading.classList.contains("number");
    // Numbers begin with the largest.
    const old = heading.getAttribute("aria-sort");
    const ascends = old === "none" ? !isNumber : old === "descending";
    for (const other of all("thead th[aria-sort]", table)) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", ascends ? "ascending" : "descending");
    const rows = Array.from(body.rows).map((row) => [value(row, column, isNumber), row]);
    rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (ascends ? 1 : -1));
    body.append(...rows.map(([, row]) => row));
  }

  for (const button of all("th button")) {
    button.addEventListener("click", () => sort(button.closest("th")));
  }

  // Search: rows of the tables and operators of the timeline of one section

  function search(box) {
    const section = box.closest("section");
    const words = box.value.trim().toLowerCase();
    let found = 0;
    for (const row of all("table.searchable tbody tr", section)) {
      row.hidden = words !== "" && !row.cells[0].textContent.toLowerCase().includes(words);
    }
    const operators = all(".op", section);
    for (const op of operators) {
      const isFound = op.querySelector("text").textContent.toLowerCase().includes(words);
      op.classList.toggle("found", isFound);
      if (isFound) found += 1;
    }
    for (const line of all(".timeline", section)) {
      line.classList.toggle("searching", words !== "");
    }
    const more = section.querySelector("details.operators");
    if (more && words !== "") more.open = true;
    section.querySelector(".found-count").textContent =
      words === "" ? "" : found + " of " + operators.length + " operators";
  }

  for (const box of all(".search input")) box.addEventListener("input", () => search(box));

  // Timelines: those of a run show the same window [from, to], as shares of the run

  const grouped = (number) => Math.round(number).toLocaleString("en-US");

  function short(number, unit) {
    const suffix = { 1e9: " G", 1e6: " M", 1e3: " k" }[unit] || "";
    return number === 0 ? "0" : +(number / unit).toFixed(6) + suffix;
  }

  class Timeline {
    constructor(charts) {
      this.charts = charts;
      this.cycles = Number(charts[0].dataset.cycles) || 1;
      this.from = 0;
      this.to = 1;
      this.outputs = [];
      this.operators = charts.flatMap((chart) => all(".op", chart)).map((svg) => ({
        svg,
        text: svg.querySelector("text"),
        start: parseFloat(svg.getAttribute("x")) / 100,
        share: parseFloat(svg.getAttribute("width")) / 100,
      }));
      for (const op of this.operators) {
        op.text.classList.add("fits");
        op.room = op.text.getComputedTextLength() + 8;
      }
      for (const chart of charts) this.listen(chart);
      this.draw();
    }

    // The part of a chart behind the names: where it begins, and how wide it is.
    place(chart) {
      return chart.querySelector(".axis").getBoundingClientRect();
    }

    show(from, to) {
      const width = Math.min(1, Math.max(to - from, Math.min(1, 20 / this.cycles), 1e-4));
      const middle = (from + to) / 2;
      this.from = Math.min(1 - width, Math.max(0, middle - width / 2));
      this.to = this.from + width;
      if (!this.isDue) {
        this.isDue = true;
        requestAnimationFrame(() => this.draw());
      }
    }

    zoom(factor, at) {
      const width = this.to - this.from;
      const fixed = this.from + at * width;
      this.show(fixed - at * width * factor, fixed + (1 - at) * width * factor);
    }

    move(share) {
      const step = share * (this.to - this.from);
      this.show(this.from + step, this.to + step);
    }

    act(action) {
      if (action === "in") this.zoom(0.5, 0.5);
      if (action === "out") this.zoom(2, 0.5);
      if (action === "left") this.move(-0.25);
      if (action === "right") this.move(0.25);
      if (action === "all") this.show(0, 1);
    }

    listen(chart) {
      const box = chart.closest(".timeline-box");
      for (const button of all("[data-zoom]", box)) {
        button.addEventListener("click", () => this.act(button.dataset.zoom));
      }
      this.outputs.push(...all(".window", box));
      const keys = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right" };
      keys["0"] = keys.Home = "all";
      chart.addEventListener("keydown", (event) => {
        const action = keys[event.key];
        if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        this.act(action);
      });
      // The wheel turns the page unless the chart has the focus, or with Ctrl.
      chart.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && document.activeElement !== chart) return;
        event.preventDefault();
        const place = this.place(chart);
        const at = Math.min(1, Math.max(0, (event.clientX - place.left) / place.width));
        this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 150), at);
      }, { passive: false });
      let last = null;
      chart.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        last = event.clientX;
        chart.setPointerCapture(event.pointerId);
      });
      chart.addEventListener("pointermove", (event) => {
        if (last === null) return;
        this.move((last - event.clientX) / this.place(chart).width);
        last = event.clientX;
      });
      for (const end of ["pointerup", "pointercancel"]) {
        chart.addEventListener(end, () => { last = null; });
      }
    }

    draw() {
      this.isDue = false;
      const width = this.to - this.from;
      const percent = (share) => (100 * (share - this.from) / width).toFixed(3) + "%";
      for (const op of this.operators) {
        op.svg.setAttribute("x", percent(op.start));
        op.svg.setAttribute("width", (100 * op.share / width).toFixed(3) + "%");
      }
      for (const chart of this.charts) {
        const pixels = this.place(chart).width;
        for (const op of this.operators) {
          if (!chart.contains(op.svg)) continue;
          // A name stands where the part of its operator that is seen begins.
          const left = Math.max(0, this.from - op.start);
          const seen = Math.min(op.start + op.share, this.to) - op.start - left;
          op.text.classList.toggle("fits", seen / width * pixels >= op.room);
          op.text.setAttribute("x", (left / width * pixels + 4).toFixed(1));
        }
        for (const track of all(".track", chart)) {
          const height = track.viewBox.baseVal.height;
          track.setAttribute("viewBox", `${1e5 * this.from} 0 ${1e5 * width} ${height}`);
        }
        this.drawAxis(chart.querySelector(".axis"), pixels);
      }
      const text = width > 0.9999
        ? "all " + grouped(this.cycles) + " cycles"
        : `cycles ${grouped(this.from * this.cycles)} to ${grouped(this.to * this.cycles)}`;
      for (const output of this.outputs) output.textContent = text;
    }

    drawAxis(axis, pixels) {
      const [from, to] = [this.from * this.cycles, this.to * this.cycles];
      const least = (to - from) / Math.max(1, Math.floor(pixels / 110));
      const power = 10 ** Math.floor(Math.log10(least));
      const step = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least));
      const unit = [1e9, 1e6, 1e3].find((n) => to >= n) || 1;
      const shapes = [];
      for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
        const share = (tick - from) / (to - from);
        const x = (100 * share).toFixed(3) + "%";
        const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
        for (const [name, text] of [["x1", x], ["x2", x], ["y2", "5"], ["class", "rule"]]) {
          line.setAttribute(name, text);
        }
        const label = document.createElementNS("http://www.w3.org/2000/svg", "text");
        const anchor = share < 0.03 ? "start" : share > 0.97 ? "end" : "middle";
        for (const [name, text] of [["x", x], ["y", "17"], ["text-anchor", anchor]]) {
          label.setAttribute(name, text);
        }
        label.textContent = short(tick, unit);
        shapes.push(line, label);
      }
      axis.replaceChildren(...shapes);
    }
  }

  const runs = new Map();
  for (const chart of all(".timeline")) {
    const charts = runs.get(chart.dataset.run) || [];
    runs.set(chart.dataset.run, charts.concat(chart));
  }
  const timelines = Array.from(runs.values(), (charts) => new Timeline(charts));
  let resizing = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => timelines.forEach((line) => line.draw()));
  });
})();
