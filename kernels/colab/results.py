"""The results on the person's own disk: the table and the report of the evaluation that ran last."""
from explained import Explained

FILES = ("evaluation_results.csv", "report.html")


def download(root):
    """In Colab the browser downloads them; elsewhere their places are said."""
    tables = sorted((root / "results").rglob(FILES[0]), key=lambda file: file.stat().st_mtime)
    if not tables:
        raise Explained("no-results", f"no {FILES[0]} lies in {root / 'results'}", "run the cells above first: Runtime > Run before")
    found = [file for file in (tables[-1].with_name(name) for name in FILES) if file.exists()]
    try:
        from google.colab import files
    except ImportError:
        files = None
    for file in found:
        print(f"{file}: {file.stat().st_size:,} bytes")
        if files is not None:
            files.download(str(file))
