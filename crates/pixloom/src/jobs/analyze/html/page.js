"use strict";
(() => {
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const table = document.getElementById("table");
  const [body, heads] = [table.tBodies[0], [...table.tHead.rows[0].cells]];
  const [filter, shown] = ["filter", "shown"].map((id) => document.getElementById(id));
  const [back, next, where] = ["back", "next", "page"].map((id) => document.getElementById(id));
  const numeric = heads.map((head) => head.classList.contains("num"));
  const PER_PAGE = 50;
  const number = new Intl.NumberFormat("en");
  let [found, page, column, ascending] = [rows, 0, -1, true];

  const compare = (a, b) => {
    const [x, y] = [a[column], b[column]];
    return x < y ? -1 : x > y ? 1 : 0;
  };

  const draw = () => {
    const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const lines = found.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map((row) => {
      const line = document.createElement("tr");
      row.forEach((value, at) => {
        const cell = document.createElement("td");
        if (numeric[at]) cell.className = "num";
        const empty = at === 7 && value === 0;
        cell.textContent = empty ? "" : numeric[at] ? number.format(value) : value;
        line.append(cell);
      });
      return line;
    });
    body.replaceChildren(...lines);
    shown.textContent = `${number.format(found.length)} of ${number.format(rows.length)}`;
    where.textContent = `${page + 1} / ${pages}`;
    back.disabled = page === 0;
    next.disabled = page === pages - 1;
  };

  const choose = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (row) => {
      const text = row.join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    };
    found = words.length ? rows.filter(matches) : rows.slice();
    if (column >= 0) found.sort((a, b) => (ascending ? compare(a, b) : compare(b, a)));
    page = 0;
    draw();
  };

  heads.forEach((head, at) => head.firstChild.addEventListener("click", () => {
    ascending = column === at ? !ascending : !numeric[at];
    column = at;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    choose();
  }));
  filter.addEventListener("input", choose);
  filter.form.addEventListener("submit", (event) => event.preventDefault());
  back.addEventListener("click", () => { page -= 1; draw(); });
  next.addEventListener("click", () => { page += 1; draw(); });
  choose();
})();
