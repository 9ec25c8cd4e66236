  /* the data of a chart as a table: sorted by any column, saved as CSV */
  const HEADS = { ts: 'Period', label: 'Value', value: 'Figure', n_rows: 'Rows', share: 'Share',
    previous: 'Before', expected: 'Expected', low: 'From', high: 'To', x: 'x', y: 'y' };
  const HIDDEN = ['on', 'code', 'note', 'note_end', 'is_partial'];
  const MAX_ROWS = 500;
  const orders = {};
  const cellText = (name, value, format) => {
    if (value === null || value === undefined) return NOTHING;
    if (typeof value !== 'number') return String(value);
    if (name === 'ts' || name === 'note_end') return value % 864e5 ? moment(value) : day(value);
    if (name === 'share') return share(value);
    if (name === 'n_rows') return count(value);
    if (format === 'percent' && (name === 'value' || name === 'previous')) return share(value);
    if (Number.isInteger(value) && Math.abs(value) < 1e6) return count(value);
    return amount(value);
  };
  const placeIn = (name) => (Object.keys(HEADS).indexOf(name) + 100) % 100;
  const columnsOf = (rows) => Object.keys(rows[0] || {}).filter((name) => !HIDDEN.includes(name))
    .sort((a, b) => placeIn(a) - placeIn(b));
  const sorted = (id, rows) => {
    const order = orders[id];
    if (!order) return rows;
    const [name, way] = order;
    return [...rows].sort((a, b) => {
      const [x, y] = [a[name], b[name]];
      if (x === y) return 0;
      if (x === null || x === undefined) return 1;
      if (y === null || y === undefined) return -1;
      return (x > y ? 1 : -1) * way;
    });
  };
  const csvCell = (name, value) => {
    if (value === null || value === undefined) return '';
    let text = name === 'ts' && typeof value === 'number' ? new Date(value).toISOString() : String(value);
    // What a spreadsheet would run as a formula is text for it.
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  const saveCsv = (id) => {
    const rows = sorted(id, rowsOf(id)), names = columnsOf(rows);
    const lines = [names, ...rows.map((row) => names.map((name) => csvCell(name, row[name])))];
    const address = URL.createObjectURL(new Blob([lines.map((l) => l.join(',')).join('\r\n') + '\r\n'], { type: 'text/csv' }));
    const link = make('a', null, { href: address, download: id.replace(/[^A-Za-z0-9_-]+/g, '_') + '.csv' });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  const fillTable = (id) => {
    const box = $(`[data-table="${CSS.escape(id)}"]`);
    if (!box || box.hidden) return;
    const rows = sorted(id, rowsOf(id)), names = columnsOf(rows);
    const format = (page.charts[id] || {}).format;
    const table = make('table'), head = make('tr');
    names.forEach((name, i) => {
      const way = orders[id] && orders[id][0] === name ? orders[id][1] : 0;
      const cell = make('th', null, { scope: 'col', 'aria-sort': way > 0 ? 'ascending' : way < 0 ? 'descending' : 'none' });
      if (i) cell.className = 'n';
      const sort = make('button', (HEADS[name] || name) + (way ? (way > 0 ? ' ↑' : ' ↓') : ''), { type: 'button', class: 'sort' });
      sort.addEventListener('click', () => {
        orders[id] = [name, way < 0 ? 1 : -1];
        fillTable(id);
        $$('button', $(`[data-table="${CSS.escape(id)}"]`))[i].focus();
      });
      cell.append(sort);
      head.append(cell);
    });
    const body = make('tbody');
    for (const row of rows.slice(0, MAX_ROWS)) {
      const line = make('tr');
      names.forEach((name, i) => line.append(i
        ? make('td', cellText(name, row[name], format), { class: 'n' })
        : make('th', cellText(name, row[name], format), { scope: 'row' })));
      body.append(line);
    }
    const top = make('thead');
    top.append(head);
    table.append(top, body);
    const save = make('button', null, { type: 'button', class: 'btn ghost', 'data-dsp': 'csv' });
    save.append(icon('table'), 'CSV');
    save.addEventListener('click', () => saveCsv(id));
    box.replaceChildren(table, save);
  };
  const updateTables = () => {
    for (const box of $$('[data-table]:not([hidden])')) fillTable(box.dataset.table);
  };
  for (const button of $$('[data-tab]')) {
    button.addEventListener('click', () => {
      const id = button.dataset.tab, box = $(`[data-table="${CSS.escape(id)}"]`);
      const opens = box.hidden;
      box.hidden = !opens;
      placeOf(id).hidden = opens;
      button.setAttribute('aria-pressed', String(opens));
      if (opens) fillTable(id);
      else if (views[id]) views[id].view.resize().runAsync();
      else later(id);
    });
  }
  /* tables that the page was written with: sorted by any column */
  const sortKey = (text) => {
    const number = Number(text.replace(/,/g, '').replace(MINUS, '-'));
    return text === NOTHING ? null : isNaN(number) ? text : number;
  };
  for (const table of $$('[data-own] table')) {
    $$('th', table).forEach((head, place) => {
      const sort = make('button', head.textContent, { type: 'button', class: 'sort' });
      head.replaceChildren(sort);
      sort.addEventListener('click', () => {
        const way = head.getAttribute('aria-sort') === 'descending' ? 1 : -1;
        $$('th', table).forEach((other) => other.setAttribute('aria-sort', 'none'));
        head.setAttribute('aria-sort', way > 0 ? 'ascending' : 'descending');
        const body = $('tbody', table);
        body.append(...[...body.rows].sort((a, b) => {
          const [x, y] = [a, b].map((row) => sortKey(row.cells[place].textContent));
          if (x === y) return 0;
          if (x === null) return 1;
          if (y === null) return -1;
          return (typeof x === typeof y ? x > y : typeof x === 'string') ? way : -way;
        }));
      });
    });
  }
