"""Trains LightGBM on the arrays that crpbot laid in a folder, and leaves the text model there.

    python train_boosting.py FOLDER

settings.json: LightGBM's parameters, `rounds` and `patience`. rows and labels: train and validation, .npy.
"""
import json
import pathlib
import sys

import lightgbm
import numpy

folder = pathlib.Path(sys.argv[1])
settings = json.loads((folder / "settings.json").read_text())


def data(part, reference=None):
    rows, label = (numpy.load(folder / f"{part}_{what}.npy", mmap_mode="r") for what in ("rows", "labels"))
    return lightgbm.Dataset(rows, label, reference=reference, params=settings["parameters"], free_raw_data=False)


train = data("train")
booster = lightgbm.train(
    settings["parameters"],
    train,
    settings["rounds"],
    valid_sets=[data("validation", train)],
    callbacks=[lightgbm.early_stopping(settings["patience"], verbose=False)],
)
booster.save_model(folder / "model.txt", num_iteration=booster.best_iteration)
print(json.dumps({"lightgbm": lightgbm.__version__, "trees": booster.best_iteration}))
