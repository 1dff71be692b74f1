import { html, type Html } from './html.js';

interface Explanation {
  readonly id: string;
  readonly term: string;
  readonly text: string;
}

const explanations: readonly Explanation[] = [
  {
    id: 'verdict',
    term: 'PROMOTE, RETRAIN, SUSPECT',
    text: 'PROMOTE: both gates passed and every check cleared it; if it is not clearly better than persistence, its line says so. RETRAIN: a gate failed, or there were too few windows to tell. SUSPECT: the accuracy gate passed and is not to be believed: features that see the future, rows that the model was trained on, accuracy not clearly above always the same answer (the majority baseline), or a check that failed; or both gates passed, and a check was not run or int8, which only screens, was used: run fp32.',
  },
  {
    id: 'leaky',
    term: 'LEAKY',
    text: 'The features of this row were made as the original made them: a 5-minute, 15-minute or hourly bar is seen before it is closed, so the model is told up to 59 minutes of the future. Live there is no such help. Its figures say nothing about trading; only the score on causal features does.',
  },
  {
    id: 'assumed',
    term: 'ASSUMED',
    text: 'A PyTorch checkpoint does not say which features, in which order, it was trained on. What no file and no option said was filled in by a fixed rule. If the rule is wrong for this model, so are its figures.',
  },
  {
    id: 'window',
    term: 'window',
    text: 'One decision: the rows up to a minute go in, a probability that the price is higher one horizon later comes out. A tie counts as down.',
  },
  {
    id: 'accuracy',
    term: 'accuracy',
    text: 'Share of windows where "up" (a probability of 0.5 or more) or "down" was right. Alone it says little: compare it with the baseline, the break-even accuracy and its interval.',
  },
  {
    id: 'interval',
    term: '95 % interval',
    text: 'Where accuracy would likely fall on another period like this one. Neighbouring windows share most of their minutes and their outcome, so whole blocks of time are resampled, not single windows.',
  },
  {
    id: 'effective',
    term: 'effective samples',
    text: 'How many independent windows would give an interval of that width: usually a small fraction of the windows counted.',
  },
  {
    id: 'baseline',
    term: 'baseline',
    text: 'The better of two rules that need no model: always say the commoner outcome (majority), or say that the last move goes on (persistence). A pass whose interval reaches down to the majority is a suspect. One that does not clearly beat persistence stands, and says so: the market may be one that goes on as it went, and then the rule does as well as the model.',
  },
  {
    id: 'break-even',
    term: 'break-even accuracy',
    text: 'The share of traded windows whose direction must be right for the simulated trades, long and short, to neither earn nor lose after spread and slippage: half, plus half of what the cost is of the mean move. Over 15 minutes moves are small, so it can be far above 50 %. Compare it with the accuracy of the traded windows, which stands beside it. "none": the mean move is below the cost, so no accuracy pays; "-": nothing was traded.',
  },
  {
    id: 'calibration',
    term: 'calibration error',
    text: 'How far the probabilities are from what happened: in ten bins, the mean distance between the probability said and the share that went up, weighted by windows. The gate uses this value, computed as the original did.',
  },
  {
    id: 'noise-floor',
    term: 'noise floor',
    text: 'The calibration error that a perfectly calibrated model with these probabilities would show here, from chance alone. Beside it stands the debiased error, with as many windows in each bin and that noise taken out, and its interval.',
  },
  {
    id: 'brier-skill',
    term: 'Brier score, Brier skill',
    text: 'The Brier score is the mean squared distance of the probability from the outcome (0 or 1). The skill compares it with always saying the base rate: 0 is no better, 1 is perfect, below 0 is worse.',
  },
  {
    id: 'auc',
    term: 'AUC',
    text: 'The chance that a window that went up got a higher probability than one that went down; 0.5 is guessing.',
  },
  {
    id: 'log-loss',
    term: 'log loss',
    text: 'Mean of minus the natural logarithm of the probability given to what happened; always saying one half costs 0.693. Being sure and wrong is what it punishes.',
  },
  {
    id: 'coverage',
    term: 'coverage at the gate',
    text: 'The largest share of windows, the most confident first, among which accuracy reaches the gate. Found on these windows themselves, so it flatters.',
  },
  {
    id: 'trades',
    term: 'simulated trades',
    text: 'Every window whose confidence is 0.65 or more (medium; 0.75 or more is high) is traded with 1 % of the balance, from 10,000, and closed one horizon later; costs are paid at entry. "Long only" is how the original traded, "long and short" takes both sides. Trades overlap and none is refused: an upper bound on activity, not a plan.',
  },
  {
    id: 'sharpe',
    term: 'Sharpe ratio',
    text: 'Mean over deviation of the result of a trade, times the square root of 252, as the original computed it. It treats overlapping trades as independent and each as a day: compare it only with itself, never with a fund\'s.',
  },
  {
    id: 'deflated-sharpe',
    term: 'deflated Sharpe',
    text: 'The probability that the true Sharpe ratio is above the best that as many tries without skill would be expected to show (Bailey and López de Prado 2014). Overlapping trades are counted as the fewer independent ones they are worth; the tries are those on record when the model was trained.',
  },
  {
    id: 'shuffled',
    term: 'shuffled labels',
    text: 'The outcomes are shifted against the decisions by a day or more, 1,000 times. A skilful model should be as accurate on shifted outcomes hardly ever (p of 0.01 or less); otherwise its accuracy comes from trends or an unbalanced split.',
  },
  {
    id: 'bar-lag',
    term: 'one-bar lag',
    text: 'The model sees everything one minute later, judged against the same outcomes. Real skill fades slowly; an edge that loses more than half with one minute was in the newest row, which is where a leak or an unfillable price hides.',
  },
];

/** The term, linked to what it means. */
export function explained(id: string, text?: string): Html {
  const found = explanations.find((each) => each.id === id);
  return html`<a class="term" href="#about-${id}">${text ?? found?.term ?? id}</a>`;
}

export function explanationSection(): Html {
  return html`<section id="about">
<h2>What the numbers mean</h2>
<div class="callout"><p><strong>What to expect.</strong> The direction of crypto over 15 minutes, from candles alone, is published at 51 to 55 % accuracy.
A model that passes a gate of 68 % on real data is therefore first of all a suspect: far more often than skill, it is features that see the future, a split that overlaps, or an unusual period.
It is believed only once three checks have cleared it: no feature sees past its own minute (look-ahead), the accuracy vanishes on shuffled labels, and most of the edge survives one minute of delay.
On simulated candles that carry a drift, high accuracy is what was put in.</p></div>
<dl class="about">${explanations.map(({ id, term, text }) => html`<div id="about-${id}"><dt>${term}</dt><dd>${text}</dd></div>\n`)}</dl>
</section>`;
}
