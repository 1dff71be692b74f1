/**
 * Draws the figures: each `.plot` holds its own as JSON. They follow the page's width and colour scheme, and are drawn
 * light and narrow for paper, those not drawn yet as well. How many are drawn, and what went wrong, is on the root element for whoever asks.
 */
export const pageScript = `
(function () {
  'use strict';
  var root = document.documentElement;
  var plots = Array.prototype.slice.call(document.querySelectorAll('.plot'));
  var dark = window.matchMedia('(prefers-color-scheme: dark)');
  var coarse = window.matchMedia('(pointer: coarse)');
  var themes = {
    light: { text: '#4a5361', grid: 'rgba(30, 41, 59, 0.12)', label: '#ffffff' },
    dark: { text: '#b3bccb', grid: 'rgba(203, 213, 225, 0.14)', label: '#1b222d' }
  };
  var paper = { pair: 335, alone: 680 };
  var started = 0;
  var drawn = 0;

  function colours(theme, layout) {
    var update = {
      'font.color': theme.text, 'hoverlabel.bgcolor': theme.label, 'hoverlabel.font.color': theme.text,
      'hoverlabel.bordercolor': theme.grid, 'xaxis.gridcolor': theme.grid, 'yaxis.gridcolor': theme.grid,
      'xaxis.linecolor': theme.grid, 'yaxis.linecolor': theme.grid
    };
    (layout.annotations || []).forEach(function (_, index) { update['annotations[' + index + '].font.color'] = theme.text; });
    return update;
  }
  function set(target, path, value) {
    var keys = path.replace(/\\[(\\d+)\\]/g, '.$1').split('.');
    var last = keys.pop();
    keys.forEach(function (key) { target = target[key] = target[key] || {}; });
    target[last] = value;
  }
  function ownSize() { return {}; }
  function paperSize(place) { return { autosize: false, width: place.closest('.figures') ? paper.pair : paper.alone }; }
  function screenTheme() { return dark.matches ? themes.dark : themes.light; }

  function failed(error) {
    root.setAttribute('data-error', String(error && error.message || error));
    var note = document.createElement('p');
    note.className = 'callout alarm';
    note.textContent = 'A figure could not be drawn: ' + root.getAttribute('data-error') + '. Its numbers are in the tables.';
    document.querySelector('main').prepend(note);
  }

  function draw(place, theme, size) {
    var figure = JSON.parse(place.querySelector('script').textContent);
    var changes = colours(theme, figure.layout);
    Object.keys(changes).forEach(function (path) { set(figure.layout, path, changes[path]); });
    Object.keys(size).forEach(function (key) { figure.layout[key] = size[key]; });
    // A finger scrolls the page; it must not draw a zoom box.
    figure.layout.dragmode = coarse.matches ? false : 'zoom';
    return window.Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displayModeBar: false }).then(function () {
      drawn += 1;
      root.setAttribute('data-drawn', String(drawn));
    });
  }

  function redrawAll(theme, sizeOf) {
    plots.forEach(function (place) {
      if (!place.layout) return;
      var update = colours(theme, place.layout);
      var size = sizeOf(place);
      Object.keys(size).forEach(function (key) { update[key] = size[key]; });
      window.Plotly.relayout(place, update);
    });
  }

  root.setAttribute('data-plots', String(plots.length));
  root.setAttribute('data-drawn', '0');
  function drawNext(theme, sizeOf) {
    var place = plots[started];
    started += 1;
    var drawing;
    try { drawing = draw(place, theme, sizeOf(place)); } catch (error) { drawing = Promise.reject(error); }
    return drawing.catch(failed);
  }
  // One at a time, so that the page can be scrolled meanwhile.
  (function next() {
    if (started === plots.length) return;
    drawNext(screenTheme(), ownSize).then(function () { window.setTimeout(next, 0); });
  })();

  dark.addEventListener('change', function () { redrawAll(screenTheme(), ownSize); });
  window.addEventListener('beforeprint', function () {
    redrawAll(themes.light, paperSize);
    while (started < plots.length) drawNext(themes.light, paperSize);
  });
  window.addEventListener('afterprint', function () { redrawAll(screenTheme(), function () { return { autosize: true, width: null }; }); });
  window.addEventListener('error', function (event) { failed(event.error || event.message); });
})();
`;
