"""A stand-in for Colab's own package: as much of it as the notebooks use."""
from google.colab import drive, files, userdata
