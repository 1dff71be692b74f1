"""The same 50 causal features as a good pandas and NumPy program: vectorised throughout, no Python loop over rows.

    features_pandas.py compute CANDLES          computes once, prints {"ms": ..., "peak_mb": ...}
    features_pandas.py files   CANDLES OUT      Parquet to Parquet (zstd level 3), prints the same
Imports are not timed, and reading is not part of `compute`.
"""

import json
import resource
import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MINUTE = 60_000


def features(frame):
    t = frame["timestamp"].astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    o, h, l, c, v = (frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    close, volume, rows = pd.Series(c), pd.Series(v), len(c)
    out = {}

    hour = t // 3_600_000 % 24
    day = (t // 86_400_000 + 3) % 7
    out["session_tokyo"] = (hour < 8).astype(float)
    out["session_london"] = ((hour >= 8) & (hour < 16)).astype(float)
    out["session_new_york"] = (hour >= 16).astype(float)
    out["day_of_week"] = day.astype(float)
    out["is_weekend"] = (day >= 5).astype(float)

    spread = h - l
    before = np.concatenate(([np.nan], c[:-1]))
    true_range = np.fmax(spread, np.fmax(np.abs(h - before), np.abs(l - before)))
    atr = pd.Series(true_range).rolling(14, min_periods=1).mean()
    out["spread"] = spread
    out["spread_pct"] = spread / c * 100
    out["atr"] = atr.to_numpy()
    out["spread_atr_ratio"] = spread / (out["atr"] + 1e-8)

    out["volume_ma"] = volume.rolling(20, min_periods=1).mean().to_numpy()
    out["volume_ratio"] = v / (out["volume_ma"] + 1e-8)
    trend = np.zeros(rows)
    trend[19:] = np.convolve(v, (np.arange(20) - 9.5)[::-1] / 665, "valid")
    for i in range(1, min(19, rows)):
        trend[i] = np.polyfit(np.arange(i + 1), v[: i + 1], 1)[0]
    out["volume_trend"] = trend

    for window in (7, 14, 21, 50):
        out[f"sma_{window}"] = close.rolling(window, min_periods=1).mean().to_numpy()
        out[f"price_sma_{window}_ratio"] = c / (out[f"sma_{window}"] + 1e-8)

    change = np.diff(c, prepend=c[0])
    gain = pd.Series(np.maximum(change, 0)).ewm(alpha=1 / 14, adjust=False, min_periods=14).mean().to_numpy()
    loss = pd.Series(np.maximum(-change, 0)).ewm(alpha=1 / 14, adjust=False, min_periods=14).mean().to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        out["rsi"] = np.where(loss == 0, 100.0, 100 - 100 / (1 + gain / loss))
    macd = close.ewm(span=12, adjust=False, min_periods=12).mean() - close.ewm(span=26, adjust=False, min_periods=26).mean()
    signal = macd.ewm(span=9, adjust=False, min_periods=9).mean()
    out["macd"], out["macd_signal"], out["macd_diff"] = macd.to_numpy(), signal.to_numpy(), (macd - signal).to_numpy()

    rolling = close.rolling(20)
    middle, reach = rolling.mean().to_numpy(), 2 * rolling.std(ddof=0).to_numpy()
    out["bb_high"], out["bb_low"] = middle + reach, middle - reach
    out["bb_width"] = (out["bb_high"] - out["bb_low"]) / (c + 1e-8)
    out["bb_position"] = (c - out["bb_low"]) / (out["bb_high"] - out["bb_low"] + 1e-8)

    rank = atr.rolling(100).rank(pct=True).to_numpy()
    nothing = np.isnan(rank)
    for name, regime in (("low", rank <= 0.33), ("medium", (rank > 0.33) & (rank <= 0.67)), ("high", rank > 0.67)):
        out[f"volatility_{name}"] = np.where(nothing, np.nan, regime)

    closes = [c]
    for label, minutes in (("5m", 5), ("15m", 15), ("1h", 60)):
        width = minutes * MINUTE
        start = t - t % width
        first = np.flatnonzero(np.diff(start, prepend=start[0] - 1))
        last = np.append(first[1:], rows) - 1
        seen = np.searchsorted(start[first], t + MINUTE - width, side="right") - 1
        bars = (("open", o[first]), ("high", np.maximum.reduceat(h, first)), ("low", np.minimum.reduceat(l, first)),
                ("close", c[last]), ("volume", np.add.reduceat(v, first)))
        for field, values in bars:
            joined = values[seen]
            joined[seen < 0] = np.nan
            out[f"{label}_{field}"] = joined
        closes.append(out[f"{label}_close"])

    risen, fallen, unknown = np.zeros(rows, np.int8), np.zeros(rows, np.int8), np.zeros(rows, bool)
    for series in closes:
        lagged = np.concatenate((np.full(5, np.nan), series[:-5]))
        risen += series > lagged
        fallen += series < lagged
        unknown |= np.isnan(lagged)
    score = np.where(unknown, np.nan, np.maximum(risen, fallen) / 4)
    out["tf_alignment_score"] = score
    out["tf_alignment_direction"] = np.where(unknown, np.nan, (score > 0.66).astype(float) - (score < 0.34))
    out["tf_alignment_strength"] = 2 * np.abs(score - 0.5)
    out["atr_percentile"] = rank
    return out


def main():
    job, source = sys.argv[1], sys.argv[2]
    if job == "compute":
        frame = pd.read_parquet(source)
        begin, cpu = time.perf_counter(), time.process_time()
        features(frame)
    else:
        begin, cpu = time.perf_counter(), time.process_time()
        frame = pd.read_parquet(source)
        columns = features(frame)
        table = pa.table({name: frame[name] for name in ("timestamp", "open", "high", "low", "close", "volume")} | columns)
        # Without a dictionary: these are floats, and pyarrow is much faster so.
        pq.write_table(table, sys.argv[3], compression="zstd", compression_level=3, use_dictionary=False)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(json.dumps({"ms": seconds * 1000, "cpu_ms": cpu * 1000, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
