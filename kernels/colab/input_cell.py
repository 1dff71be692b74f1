#@title 2. Models and data: the sample, or your own
INPUT = "sample" #@param ["sample", "upload", "drive", "s3", "collect"]
#@markdown For drive: a folder of My Drive. For s3: an address as `s3://bucket/prefix`.
FOLDER = "crpbot" #@param {type:"string"}
ADDRESS = "" #@param {type:"string"}
#@markdown For collect (candles come from the exchange, models from your upload):
SYMBOLS = "BTC-USD,ETH-USD,SOL-USD" #@param {type:"string"}
SINCE = "90d" #@param {type:"string"}
EXCHANGE = "coinbase" #@param {type:"string"}

from inputs import Inputs
inputs = Inputs(ROOT, bootstrap.NODE)
{
    "sample": lambda: inputs.sample(),
    "upload": lambda: inputs.upload(),
    "drive": lambda: inputs.drive(FOLDER),
    "s3": lambda: inputs.s3(ADDRESS),
    "collect": lambda: inputs.collect(SYMBOLS, SINCE, EXCHANGE),
}[INPUT]()
