#@title Download the results (the browser may ask whether several files may be downloaded)
from results import download
download(ROOT)
