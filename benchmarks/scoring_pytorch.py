"""Scores windows of a checkpoint with PyTorch, as a good engineer would: the original's model, inference mode, windows cut
as strided views of one row matrix, a batch at a time. Speaks lines: `BATCH` in, seconds out.

    python3 scoring_pytorch.py CHECKPOINT ROWS_FILE FEATURES WINDOWS LENGTH THREADS HEAD
"""
import sys
import time

import numpy
import torch


class Model(torch.nn.Module):
    def __init__(self, state, head):
        super().__init__()
        hidden = state["lstm.weight_hh_l0"].shape[1]
        layers = sum(1 for key in state if key.startswith("lstm.weight_ih_l") and not key.endswith("_reverse"))
        self.lstm = torch.nn.LSTM(state["lstm.weight_ih_l0"].shape[1], hidden, layers, batch_first=True, bidirectional=True)
        self.fc = torch.nn.Sequential(torch.nn.Linear(2 * hidden, hidden), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(hidden, 1))
        self.head = head
        self.load_state_dict(state)

    def forward(self, x):
        output, (h, _) = self.lstm(x)
        z = output[:, -1] if self.head == "last-step" else torch.cat([h[-2], h[-1]], dim=1)
        return torch.sigmoid(self.fc(z)).squeeze(1)


checkpoint, rows_file, features, windows, length, threads, head = sys.argv[1:8]
torch.set_num_threads(int(threads))
loaded = torch.load(checkpoint, map_location="cpu", weights_only=True)
model = Model(loaded.get("model_state_dict", loaded), head).eval()
rows = torch.from_numpy(numpy.fromfile(rows_file, dtype=numpy.float32).reshape(-1, int(features)))
cut = rows.unfold(0, int(length), 1)[: int(windows)].transpose(1, 2)  # [windows, length, features], a view
print("ready", flush=True)
for line in sys.stdin:
    batch = int(line)
    with torch.inference_mode():
        begin = time.perf_counter()
        p = torch.cat([model(cut[first : first + batch].contiguous()) for first in range(0, len(cut), batch)])
        seconds = time.perf_counter() - begin
    print(seconds, float(p.double().sum()), flush=True)
