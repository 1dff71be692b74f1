#@title Download the results (the browser may ask whether several files may be downloaded)
#@markdown Also copy them to a folder of My Drive (as `crpbot/results`), or to `s3://bucket/prefix`:
COPY_TO = "" #@param {type:"string"}
from results import download
download(ROOT, bootstrap.NODE, COPY_TO)
