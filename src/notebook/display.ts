import { runningKernel } from './kernel.js';
import type { MimeBundle } from './kernel.js';

/** One thing in the forms a front end may choose from; `text/plain` is the form that always works. */
export type Displayed = MimeBundle & { readonly 'text/plain': string };

/** Shows something under the running cell, the richest form the front end knows; in a terminal, its text. */
export function display(data: Displayed): void {
  const kernel = runningKernel();
  if (kernel === undefined) process.stdout.write(`${data['text/plain']}\n`);
  else kernel.display({ data });
}

let shown = 0;

/** A place under the running cell whose content can be replaced. In a terminal each content is a line. */
export function displayPlace(): (data: Displayed) => void {
  const kernel = runningKernel();
  if (kernel === undefined) return display;
  shown += 1;
  const id = `crpbot-${process.pid}-${shown}`;
  let update = false;
  return (data) => {
    kernel.display({ data, id, update });
    update = true;
  };
}
