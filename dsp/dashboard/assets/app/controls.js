  /* controls of the bar; everything works with keys */
  const bar = $('.filters');
  const closeMenus = () => {
    for (const menu of $$('.dd')) {
      $('.pop', menu).hidden = true;
      $('button', menu).setAttribute('aria-expanded', 'false');
    }
    if (bar) bar.classList.remove('open');
  };
  for (const menu of $$('.dd')) {
    const button = $('button', menu), pop = $('.pop', menu);
    button.addEventListener('click', () => {
      const opens = pop.hidden;
      closeMenus();
      if (!opens) return;
      pop.hidden = false;
      button.setAttribute('aria-expanded', 'true');
      bar.classList.add('open');
      const first = $('input', pop);
      if (first) first.focus();
    });
    menu.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || pop.hidden) return;
      closeMenus();
      button.focus();
    });
    menu.addEventListener('focusout', (e) => {
      if (e.relatedTarget && !menu.contains(e.relatedTarget) && !pop.hidden) closeMenus();
    });
  }
  document.addEventListener('click', (e) => { if (!e.target.closest('.dd')) closeMenus(); });
  if (cube) {
    for (const menu of $$('[data-dim]')) {
      const k = Number(menu.dataset.dim);
      menu.addEventListener('change', () => {
        setFilter(k, $$('input', menu).map((box) => (box.checked ? 1 : 0)));
        update();
      });
    }
    for (const button of $$('#range button')) {
      button.addEventListener('click', () => {
        const n = Number(button.dataset.n);
        setWindow(n ? axis.n - n : 0, axis.n - 1);
      });
    }
    $$('[data-when]').forEach((field) => field.addEventListener('change', () => {
      const [first, last] = $$('[data-when]').map((f) => Date.parse(f.value + 'T00:00:00Z'));
      if (isNaN(first) || isNaN(last)) return;
      let a = 0, b = axis.n - 1;
      while (a < axis.n - 1 && axis.at[a + 1] <= first) a++;
      while (b > 0 && axis.at[b] > last) b--;
      setWindow(Math.min(a, b), Math.max(a, b));
    }));
    if ($('#reset')) $('#reset').addEventListener('click', () => reset());
    for (const button of $$('[data-filter]')) {
      button.addEventListener('click', () => {
        const wanted = JSON.parse(button.dataset.filter);
        // Findings speak of all data.
        state.on = cube.dims.map(() => null);
        state.first = 0; state.last = Math.max(0, axis.n - 1);
        for (const [k, codes] of Object.entries(wanted.d || {})) {
          setFilter(Number(k), cube.dims[k].values.map((_, i) => (codes.includes(i) ? 1 : 0)));
        }
        if (wanted.w) {
          let [a, b] = bucketsIn(wanted.w[0], wanted.w[1]);
          if (axis.kind === 'time') {
            a = Math.max(0, a - 3);
            b = Math.min(axis.n - 1, b + 3);
          }
          state.first = a; state.last = Math.max(a, b);
        }
        update();
        $('#explore').scrollIntoView();
      });
    }
    window.addEventListener('hashchange', () => {
      if (location.hash.startsWith('#?') || !location.hash) { readAddress(); update(); }
    });
  }

  const themeButton = $('#theme');
  const themeNames = { auto: 'Theme: automatic', light: 'Theme: light', dark: 'Theme: dark' };
  const themeIcons = { auto: '#i-auto', light: '#i-sun', dark: '#i-moon' };
  const labelTheme = () => {
    themeButton.setAttribute('aria-label', themeNames[mode]);
    themeButton.title = themeNames[mode];
    $('use', themeButton).setAttribute('href', themeIcons[mode]);
  };
  const setTheme = async (wanted) => { mode = wanted; applyTheme(); labelTheme(); await redraw(); };
  themeButton.addEventListener('click', () => {
    const next = { auto: 'light', light: 'dark', dark: 'auto' }[mode];
    try { localStorage.setItem('dsp-theme', next); } catch (e) { /* a sandbox has no storage */ }
    setTheme(next);
  });
  system.addEventListener('change', () => { if (mode === 'auto') setTheme('auto'); });

  /* paper is light, and holds every chart */
  const forPaper = async () => { applyTheme('light'); await drawAll(); await redraw(); };
  if ($('#print')) {
    $('#print').addEventListener('click', async () => {
      await forPaper();
      window.print();
      await setTheme(mode);
    });
  }
  window.addEventListener('beforeprint', () => applyTheme('light'));
  window.addEventListener('afterprint', () => applyTheme());

  for (const copy of $$('[data-copy]')) {
    copy.addEventListener('click', () => {
      const text = document.getElementById(copy.dataset.copy).textContent;
      const say = (word) => { $('span', copy).textContent = word; };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => say('Copied'), () => say('Select and copy'));
      else say('Select and copy');
    });
  }
  const search = $('#search');
  if (search) {
    search.addEventListener('input', () => {
      const wanted = search.value.trim().toLowerCase();
      let n = 0;
      for (const item of $$('[data-name]')) {
        item.hidden = !item.dataset.name.toLowerCase().includes(wanted);
        n += item.hidden ? 0 : 1;
      }
      $('#search-found').textContent = wanted ? `${n} of ${$$('[data-name]').length} columns` : '';
    });
  }
  const more = $('#more-insights');
  if (more) {
    more.addEventListener('click', () => {
      const hidden = $$('#insights .ins[hidden]');
      for (const card of hidden) card.hidden = false;
      more.hidden = true;
      if (hidden.length) $('h3', hidden[0]).focus();
    });
  }
