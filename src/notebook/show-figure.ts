import type { PlotlyFigure, PlotlyLayout } from '../report/figures/plotly-figure.js';
import { display } from './display.js';
import { figureSvg } from './static-figure/figure-svg.js';
import { plainText } from './static-figure/elements.js';

const TITLE_PX = 24;

/**
 * Shows a figure under the running cell: interactive where the front end draws plotly's JSON itself (JupyterLab with
 * the plotly package, VS Code), else as a static SVG (nbconvert, nbviewer, GitHub). Neither needs a network, and the
 * notebook stays small: plotly.js is not in it.
 */
export function showFigure(figure: PlotlyFigure): void {
  display({
    'application/vnd.plotly.v1+json': { data: figure.data, layout: titledLayout(figure.layout), config: { responsive: true, displaylogo: false } },
    'image/svg+xml': figureSvg(figure),
    'text/plain': `[figure: ${plainText(figure.layout.title.text)}]`,
  });
}

/** A page has the title in its own text, above the figure; here the figure shows it, above its legend. */
function titledLayout(layout: PlotlyLayout): PlotlyLayout {
  const title = { ...layout.title, yref: 'container', y: 1, yanchor: 'top', pad: { t: 10 } };
  return { ...layout, title, margin: { ...layout.margin, t: layout.margin.t + TITLE_PX }, height: layout.height + TITLE_PX };
}
