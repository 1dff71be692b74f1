"""Trains the causal TCN with PyTorch, as a good engineer would: Conv1d with dilation, AdamW, a one-cycle schedule, rows
gathered from one matrix. Random rows: only time is measured. Speaks lines: `STEPS` in; seconds and seconds
of CPU out.

    python3 tcn_pytorch.py THREADS BATCH LENGTH UNSCORED FEATURES CHANNELS LAYERS
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Layer(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.dilation = dilation
        self.dilated = nn.Conv1d(channels, 2 * channels, 2, dilation=dilation)
        self.residual = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        value, gate = self.dilated(functional.pad(x, (self.dilation, 0))).chunk(2, 1)
        return x + self.residual(torch.tanh(value) * torch.sigmoid(gate))


class Tcn(nn.Module):
    def __init__(self, features, channels, layers):
        super().__init__()
        self.input = nn.Conv1d(features, channels, 1)
        self.layers = nn.ModuleList(Layer(channels, 2**layer) for layer in range(layers))
        self.head = nn.Sequential(nn.Conv1d(channels, channels, 1), nn.ReLU(), nn.Dropout(0.0), nn.Conv1d(channels, 1, 1))

    def forward(self, x):  # [batch, rows, features] to [batch, rows]
        x = self.input(x.transpose(1, 2))
        for layer in self.layers:
            x = layer(x)
        return self.head(x).squeeze(1)


threads, batch, length, unscored, features, channels, layers = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)
model = Tcn(features, channels, layers)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-3, total_steps=1_000_000)
rows = torch.randn(100_000, features)
label = (torch.rand(100_000) < 0.5).float()
offsets = torch.arange(length)
print("ready", flush=True)
for line in sys.stdin:
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in range(int(line)):
        index = torch.randint(0, len(rows) - length, (batch, 1)) + offsets
        logits = model(rows[index])[:, unscored:]
        loss = functional.binary_cross_entropy_with_logits(logits, label[index[:, unscored:]])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    loss.item()
    print(time.perf_counter() - begin, time.process_time() - cpu, flush=True)
