  /* filters: bars, menus, periods, the brush, the address */
  const statusLine = $('[data-dsp="status"]');
  const printLine = $('[data-dsp="printed-filters"]');
  const windowWords = () => {
    if (axis.kind === 'time') {
      const last = axis.at[state.last + 1] - 864e5;
      if (axis.grain === 'hour') return `${moment(axis.at[state.first])} – ${moment(axis.at[state.last + 1])}`;
      return `${day(Math.max(axis.at[state.first], page.span[0]))} – ${day(Math.min(last, page.span[1]))}`;
    }
    if (axis.kind === 'number' && !isAll()) {
      return `${page.axisLabel} ${amount(axis.at[state.first])} to ${amount(axis.at[state.last + 1])}`;
    }
    return '';
  };
  const filterWords = () => cube.dims.map((d, k) => state.on[k]
    && `${d.label}: ${d.values.filter((_, i) => state.on[k][i]).join(', ')}`).filter((x) => x);
  const updateStatus = () => {
    const words = [`${count(found.total.c[0])} of ${count(cube.rows)} ${cube.rows === 1 ? 'row' : 'rows'}`];
    if (windowWords()) words.push(windowWords());
    const strong = make('b', count(found.total.c[0]));
    statusLine.replaceChildren(strong, ' ' + words.join(' · ').slice(strong.textContent.length + 1));
    printLine.textContent = 'Filters: ' + (filterWords().join('; ') || 'none') + ' · ' + words.join(' · ');
    $('#reset').hidden = isDefault();
    for (const button of $$('#range button')) {
      const n = Number(button.dataset.n);
      const isOn = n === 0 ? isAll() : state.last === axis.n - 1 && state.first === axis.n - n;
      button.setAttribute('aria-pressed', String(isOn));
    }
    cube.dims.forEach((d, k) => {
      const menu = $(`[data-dim="${k}"]`);
      if (!menu) return;
      const button = $('button', menu), f = state.on[k];
      const chosen = f ? d.values.filter((_, i) => f[i]) : [];
      $('span', button).textContent = !f ? d.label : chosen.length === 1 ? chosen[0] : `${d.label} · ${chosen.length}`;
      button.toggleAttribute('data-on', !!f);
      $$('input', menu).forEach((box, i) => { box.checked = !!(f && f[i]); });
    });
    $$('[data-when]').forEach((field) => {
      field.value = isoDay(field.dataset.when === 'first' ? Math.max(axis.at[state.first], page.span[0])
        : Math.min(axis.at[state.last + 1] - 864e5, page.span[1]));
    });
  };

  /* the state in the address: #?w=first~last&region=West,North */
  const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+');
  const bucketName = (b) => (axis.kind === 'time'
    ? (axis.grain === 'hour' ? new Date(axis.at[b]).toISOString().slice(0, 13) : isoDay(axis.at[b])) : String(axis.at[b]));
  const nameOf = (k) => {
    // A label that means something else already, or stands twice, gets its place in front.
    const { label } = cube.dims[k];
    const isClear = label !== 'w' && cube.dims.filter((d) => d.label === label).length === 1;
    return isClear ? label : `${k}:${label}`;
  };
  const addressOf = () => {
    const parts = [];
    if (axis.n && !(state.first === axis.first && state.last === axis.last)) {
      parts.push(`w=${bucketName(state.first)}~${bucketName(state.last)}`);
    }
    cube.dims.forEach((d, k) => {
      if (state.on[k]) parts.push(`${encode(nameOf(k))}=${d.values.filter((_, i) => state.on[k][i]).map(encode).join(',')}`);
    });
    return parts.length ? '#?' + parts.join('&') : '';
  };
  const writeAddress = () => {
    const address = addressOf();
    const plainHash = location.hash.startsWith('#?') ? '' : location.hash;
    try {
      history.replaceState(null, '', location.pathname + location.search + (address || plainHash));
    } catch (e) { /* a sandboxed frame has no address of its own */ }
  };
  const decode = (text) => { try { return decodeURIComponent(text.replace(/\+/g, ' ')); } catch (e) { return ''; } };
  const bucketOf = (name) => {
    for (let b = 0; b < axis.n; b++) if (bucketName(b) === name) return b;
    return -1;
  };
  const readAddress = () => {
    state.first = axis.first; state.last = axis.last;
    state.on = cube.dims.map(() => null);
    if (!location.hash.startsWith('#?')) return;
    for (const part of location.hash.slice(2).split('&')) {
      const [name, value] = [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)];
      if (name === 'w') {
        const [first, last] = value.split('~').map((x) => bucketOf(decode(x)));
        if (first >= 0 && last >= first) { state.first = first; state.last = last; }
        continue;
      }
      const k = cube.dims.findIndex((_, i) => nameOf(i) === decode(name));
      if (k < 0) continue;
      const wanted = value.split(',').map(decode);
      setFilter(k, cube.dims[k].values.map((v) => (wanted.includes(v) ? 1 : 0)));
    }
  };
  const setFilter = (k, flags) => {
    const some = flags.some((x) => x), all = flags.every((x) => x);
    state.on[k] = some && !all ? Uint8Array.from(flags) : null;
  };

  /* one update at a time; the last state wins */
  let updating = null, again = false;
  const paint = async (source) => {
    const t = performance.now();
    found = pass();
    const passed = performance.now();
    updateCards();
    updateStatus();
    writeAddress();
    const waits = cube.dims.map((d, k) => show(d.id, barRows(k)));
    if (axis.kind === 'time') {
      waits.push(show('explore_trend', trendRows()));
      if (source !== 'brush') waits.push(show('explore_strip', stripRows()));
    }
    if (axis.kind === 'number') waits.push(show('explore_distribution', binRows()));
    updateTables();
    if (source !== 'brush') moveBrush();
    await Promise.all(waits);
    timing.pass = passed - t;
    timing.update = performance.now() - t;
  };
  const timing = { pass: 0, update: 0 };
  const update = (source) => {
    if (updating) { again = true; return updating; }
    updating = paint(source).then(() => {
      updating = null;
      if (again) { again = false; return update(); }
      return null;
    });
    return updating;
  };
  const reset = () => { state.first = axis.first; state.last = axis.last; state.on = cube.dims.map(() => null); return update(); };
  const toggle = (k, code, many) => {
    const f = state.on[k], flags = cube.dims[k].values.map((_, i) => (f ? f[i] : 0));
    const isOnly = f && flags[code] && flags.reduce((a, b) => a + b, 0) === 1;
    if (many) flags[code] = f && flags[code] ? 0 : 1;
    else flags.forEach((_, i) => { flags[i] = !isOnly && i === code ? 1 : 0; });
    setFilter(k, flags);
    return update();
  };
  const setWindow = (first, last, source) => {
    const low = Math.max(0, Math.min(first, axis.n - 1)), high = Math.max(low, Math.min(last, axis.n - 1));
    if (low === state.first && high === state.last) return null;
    state.first = low; state.last = high;
    return update(source);
  };

  /* the brush of the strip, or of the distribution */
  const brushed = () => (axis.kind === 'time' ? 'explore_strip' : 'explore_distribution');
  const moveBrush = () => {
    const drawn = views[brushed()];
    if (!drawn || !axis.n) return;
    try {
      const x = drawn.view.scale('x');
      const end = axis.kind === 'time' ? state.last : state.last + 1;
      const none = axis.kind === 'number' && isAll();
      drawn.view.signal('brush_x', none ? [] : [x(axis.at[state.first]), x(axis.at[end])]);
      drawn.view.runAsync();
    } catch (e) { /* a chart that is being drawn again gets its brush then */ }
  };
  const bucketsIn = (low, high) => {
    // Periods are points at their start; ranges of a number are chosen by their middle.
    const at = (b) => (axis.kind === 'time' ? axis.at[b] : (axis.at[b] + axis.at[b + 1]) / 2);
    const slack = axis.kind === 'time' ? (axis.at[1] - axis.at[0]) / 2 : 0;
    let first = 0, last = axis.n - 1;
    while (first < axis.n - 1 && at(first) < low - slack) first++;
    while (last > first && at(last) > high) last--;
    return [first, last];
  };
  let dragging = false;
  document.addEventListener('pointerdown', (e) => {
    const place = e.target.closest && e.target.closest('[data-chart]');
    dragging = !!place && place.dataset.chart === brushed();
  }, true);
  document.addEventListener('pointerup', () => setTimeout(() => { dragging = false; }, 120), true);
  onDrawn.push((id, view) => {
    if (!cube) return;
    const k = cube.dims.findIndex((d) => d.id === id);
    if (k >= 0) {
      view.addEventListener('click', (event, item) => {
        if (!item || !item.datum || item.datum.label === undefined) return;
        const code = cube.dims[k].values.indexOf(item.datum.label);
        if (code >= 0) toggle(k, code, event.shiftKey || event.metaKey || event.ctrlKey);
      });
    }
    if (id !== brushed()) return;
    moveBrush();
    let frame = 0;
    view.addSignalListener('brush', (_, value) => {
      // What the page itself moves is no wish of the reader.
      if (!dragging) return;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        const range = value && (value.ts || value.low);
        if (!range || range.length < 2) { if (axis.kind === 'number') setWindow(0, axis.n - 1, 'brush'); return; }
        const [low, high] = [Number(range[0]), Number(range[1])].sort((a, b) => a - b);
        setWindow(...bucketsIn(low, high), 'brush');
      });
    });
  });
