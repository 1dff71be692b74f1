import type { PlotlyFigure } from '../report/figures/plotly-figure.js';
import { display } from './display.js';
import { figureSvg } from './static-figure/figure-svg.js';
import { plainText } from './static-figure/elements.js';

/**
 * Shows a figure under the running cell: interactive where the front end draws plotly's JSON itself (JupyterLab with
 * the plotly package, VS Code), else as a static SVG (nbconvert, nbviewer, GitHub). Neither needs a network, and the
 * notebook stays small: plotly.js is not in it.
 */
export function showFigure(figure: PlotlyFigure): void {
  display({
    'application/vnd.plotly.v1+json': { data: figure.data, layout: figure.layout, config: { responsive: true, displaylogo: false } },
    'image/svg+xml': figureSvg(figure),
    'text/plain': `[figure: ${plainText(figure.layout.title.text)}]`,
  });
}
