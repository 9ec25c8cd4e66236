  /* what the explore section and the cards show of the cube */
  let found = null;
  const main = cube && cube.m.length ? { m: 0, how: cube.m[0].how } : { m: null, how: 'rows' };
  const before = (place) => (found.back === null ? null : place);
  const trendRows = () => {
    const rows = [];
    for (let b = state.first; b <= state.last; b++) {
      const value = figure(found.over, b + 1, main.m, main.how);
      let previous = null;
      if (found.back !== null) {
        const at = found.cut > 0 && b === state.last ? found.cut : b - found.back + 1;
        previous = found.over.c[at] ? figure(found.over, at, main.m, main.how) : null;
      }
      const note = (page.notes || []).find((n) => n[0] >= axis.at[b] && n[0] < axis.at[b + 1]);
      rows.push({
        ts: axis.at[b], value, previous,
        is_partial: (b === 0 && axis.open[0]) || (b === axis.n - 1 && axis.open[1]),
        note: note ? note[2] : null, note_end: note ? Math.min(note[1], axis.at[axis.n]) : null,
      });
    }
    return rows;
  };
  const stripRows = () => Array.from({ length: axis.n }, (_, b) => ({
    ts: axis.at[b], value: figure(found.over, b + 1, main.m, main.how) || 0,
  }));
  const binRows = () => Array.from({ length: axis.n }, (_, b) => ({
    low: axis.at[b], high: axis.at[b + 1], value: found.over.c[b + 1],
    on: isAll() || (b >= state.first && b <= state.last),
  }));
  const barRows = (k) => {
    const d = cube.dims[k], f = state.on[k];
    const m = d.target ? null : main.m, how = d.target ? 'rows' : main.how;
    const rows = d.values.map((label, code) => ({
      label, code, n_rows: found.now[k].c[code], on: !f || !!f[code],
      value: figure(found.now[k], code, m, how),
      previous: found.back !== null && found.old[k].c[code] ? figure(found.old[k], code, m, how) : null,
    }));
    const whole = m === null || how === 'sum' ? rows.reduce((sum, row) => sum + (row.value || 0), 0) : 0;
    for (const row of rows) row.share = whole ? row.value / whole : null;
    return rows;
  };

  /* cards */
  const changeOf = (kpi, value, previous) => {
    if (previous === null || value === null) return null;
    const shown = [value, previous].map((x) => written(x, kpi.format, kpi.unit));
    if (shown[0] === shown[1]) return { sign: 0, text: 'No change', versus: '' };
    let moved, text;
    if (kpi.how === 'rate') {
      moved = value - previous;
      text = (100 * Math.abs(moved)).toFixed(1) + NBSP + 'pt';
    } else {
      if (!(previous * value > 0)) return null;
      moved = (value - previous) / Math.abs(previous);
      text = share(Math.abs(moved));
    }
    return { sign: Math.sign(moved), text, versus: 'vs ' + shown[1] };
  };
  const ARROWS = { 1: 'M8 13V3M3.5 7.5 8 3l4.5 4.5', '-1': 'M8 3v10M3.5 8.5 8 13l4.5-4.5', 0: 'M3 8h10' };
  const pill = (change, polarity) => {
    const way = polarity === 'down' ? -1 : 1;
    const tone = !change.sign || polarity === 'neutral' ? 'flat' : change.sign * way > 0 ? 'good' : 'bad';
    const made = make('span', null, { class: 'pill ' + tone });
    const svg = icon('x');
    svg.setAttribute('viewBox', '0 0 16 16');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', ARROWS[change.sign]);
    svg.replaceChildren(path);
    made.append(svg);
    if (change.sign) made.append(make('span', change.sign > 0 ? 'up ' : 'down ', { class: 'sr' }));
    made.append(change.text);
    return made;
  };
  const POINTS = 26;
  const lineOf = (kpi, first, last) => {
    const step = Math.max(1, Math.ceil((last - first + 1) / POINTS)), line = [];
    for (let b = first; b + step <= last + 1; b += step) {
      const sums = { c: [0], s: cube.m.map(() => [0]), n: cube.m.map(() => [0]) };
      for (let j = b; j < b + step; j++) {
        sums.c[0] += found.over.c[j + 1];
        for (let k = 0; k < cube.m.length; k++) {
          sums.s[k][0] += found.over.s[k][j + 1];
          sums.n[k][0] += found.over.n[k][j + 1];
        }
      }
      line.push(figure(sums, 0, kpi.m, kpi.how));
    }
    return line;
  };
  const pathOf = (line, low, high) => {
    const last = Math.max(1, line.length - 1), spread = (high - low) || 1;
    return 'M' + line.map((v, i) => (v === null ? null
      : (100 * i / last).toFixed(2) + ' ' + (38 - 32 * (v - low) / spread).toFixed(2))).filter((x) => x).join('L');
  };
  const drawSpark = (svg, kpi) => {
    if (axis.kind !== 'time') return;
    const shown = lineOf(kpi, state.first, state.last);
    const earlier = found.back === null ? [] : lineOf(kpi, state.first - found.back, state.last - found.back);
    const known = [...shown, ...earlier].filter((v) => v !== null);
    svg.toggleAttribute('hidden', shown.filter((v) => v !== null).length < 2);
    if (!known.length) return;
    const low = Math.min(...known), high = Math.max(...known), line = pathOf(shown, low, high);
    $('.a', svg).setAttribute('d', line + 'L100 44L0 44Z');
    $('.l', svg).setAttribute('d', line);
    const dashed = $('.p', svg);
    if (dashed) dashed.setAttribute('d', earlier.length ? pathOf(earlier, low, high) : '');
  };
  const cards = (page.kpis || []).map((kpi) => {
    const card = $(`[data-dsp="kpi-${kpi.id}"]`);
    return { ...kpi, card, first: card && [...card.childNodes].map((node) => node.cloneNode(true)) };
  });
  const updateCards = () => {
    for (const kpi of cards) {
      if (!kpi.card) continue;
      if (isDefault()) {
        // What the page was written with: the figures of the result database.
        kpi.card.replaceChildren(...kpi.first.map((node) => node.cloneNode(true)));
        continue;
      }
      const value = figure(found.total, 0, kpi.m, kpi.how);
      const previous = found.back !== null && found.before.c[0] ? figure(found.before, 0, kpi.m, kpi.how) : null;
      const shown = $('b', kpi.card);
      shown.replaceChildren(written(value, kpi.format, kpi.unit));
      shown.title = value === null ? '' : String(Number(value.toPrecision(7)));
      const change = $('.dl', kpi.card);
      if (change) {
        const moved = changeOf(kpi, value, previous);
        change.replaceChildren(...(moved ? [pill(moved, kpi.polarity),
          ...(moved.versus ? [make('span', moved.versus, { class: 'vs' })] : [])]
          : [make('span', previous === null ? 'No earlier period' : 'No comparison', { class: 'pill flat' })]));
      }
      const svg = $('.spark', kpi.card);
      if (svg) drawSpark(svg, kpi);
    }
  };
