"""Trains the main-size LSTM with PyTorch on one thread, as a good engineer would: windows gathered from one row matrix,
dropout, gradient clipping, AdamW. `BATCH STEPS` in, seconds, CPU seconds and loss out."""
import sys
import time

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(50, 128, 3, batch_first=True, bidirectional=True, dropout=0.2)
        self.fc = nn.Sequential(nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 1))

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(torch.cat([h[-2], h[-1]], dim=1)).squeeze(1)


torch.set_num_threads(1)
torch.manual_seed(1)
model, loss_of = Model(), nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
rows, offsets = torch.randn(20_000, 50), torch.arange(60)
print("ready", flush=True)
for line in sys.stdin:
    batch, steps = map(int, line.split())
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in range(steps):
        x = rows[torch.randint(0, len(rows) - 60, (batch, 1)) + offsets]
        loss = loss_of(model(x), (torch.rand(batch) < 0.5).float())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    print(time.perf_counter() - begin, time.process_time() - cpu, loss.item(), flush=True)
