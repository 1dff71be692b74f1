/** One step of long work. `total` is absent while it is not known. */
export interface ProgressEvent {
  /** What is being done, for a person: `scoring lstm_BTC-SIM_1m_demo`. Events of one label are one row of counts: rate and time left are taken from them. */
  readonly label: string;
  /** Figures of this moment, which come and go: `epoch 2 of 6: loss 0.6931`. */
  readonly detail?: string;
  readonly done: number;
  readonly total?: number;
  /** What is counted: `windows`, `rows`. */
  readonly unit: string;
}

export type OnProgress = (event: ProgressEvent) => void;

/** What every long job takes: it reports, and it stops when told to. */
export interface JobControl {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a job over several symbols takes, when one that fails does not stop the others. */
export interface PartialResults<Result> {
  /** Told what the others came to, before the error is thrown. */
  readonly onPartial?: ((done: readonly Result[]) => void) | undefined;
}
