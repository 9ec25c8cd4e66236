  /* navigation and start */
  const links = $$('.side a');
  const spy = new IntersectionObserver((seen) => {
    for (const e of seen) {
      if (!e.isIntersecting) continue;
      for (const a of links) {
        if (a.hash === '#' + e.target.id) a.setAttribute('aria-current', 'true');
        else a.removeAttribute('aria-current');
      }
    }
  }, { rootMargin: '-130px 0px -70% 0px' });
  for (const section of $$('main section[id]')) spy.observe(section);
  for (const a of links) {
    a.addEventListener('click', (e) => {
      if (!cube || !addressOf()) return;
      // The filters stay in the address.
      e.preventDefault();
      document.getElementById(a.hash.slice(1)).scrollIntoView();
    });
  }
  if (asked.get('embed') === '1') root.dataset.embed = '1';
  if (asked.get('section')) {
    for (const section of $$('main section[id]')) section.hidden = section.id !== asked.get('section');
  }

  applyTheme();
  labelTheme();
  if (cube) {
    readAddress();
    found = pass();
    // All values keep their place, whatever is filtered.
    cube.dims.forEach((d, k) => { live[d.id] = barRows(k); });
    if (!isDefault()) update();
    else updateStatus();
  }
  window.__dsp = {
    ready: false, violations, drawAll, setTheme, forPaper, timing,
    get charts() { return Object.keys(views).length; },
    get planned() { return $$('[data-chart]').filter(isShown).length; },
    state: () => ({
      mode, theme: root.dataset.theme, first: state.first, last: state.last,
      on: state.on.map((f) => f && [...f]), address: cube ? addressOf() : '',
    }),
    set: (wanted) => {
      state.last = Math.max(0, Math.min(wanted.last, axis.n - 1));
      state.first = Math.max(0, Math.min(wanted.first, state.last));
      state.on = wanted.on.map((f) => f && Uint8Array.from(f));
      return update();
    },
    reset: () => reset(),
    rows: (id) => rowsOf(id),
    total: (kpi) => { const k = cards.find((c) => c.id === kpi); return figure(found.total, 0, k.m, k.how); },
    idle: async () => { while (updating) await updating; await queue; },
  };
  const begin = () => {
    for (const place of $$('[data-chart]')) lazy.observe(place);
    window.__dsp.ready = true;
    if (location.hash === '#print') forPaper();
  };
  requestAnimationFrame(() => setTimeout(begin, 0));
