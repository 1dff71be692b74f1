"""What a TypeScript cell shows, under the Python cell that ran it: live, and never more than a browser bears."""
import json
import sys

from IPython.display import publish_display_data

# Characters of text a cell may print, and of one thing it shows.
MOST_TEXT = 1_000_000
MOST_SHOWN = 8_000_000
PLOTLY = "application/vnd.plotly.v1+json"


class CellOutput:
    def __init__(self, plotly_url=None):
        """`plotly_url`: where a front end that does not draw plotly's JSON itself (Colab) gets plotly.js."""
        self._plotly_url = plotly_url
        self._printed = 0
        self._dropped = 0

    def stream(self, name, text):
        shown = text[: max(0, MOST_TEXT - self._printed)]
        self._printed += len(shown)
        self._dropped += len(text) - len(shown)
        target = sys.stderr if name == "stderr" else sys.stdout
        if shown:
            target.write(shown)
            target.flush()

    def display(self, content, update):
        transient = {key: value for key, value in (content.get("transient") or {}).items() if value is not None}
        data = _bounded(content["data"])
        if self._plotly_url is not None and PLOTLY in data:
            data = _drawn_by_script(data, self._plotly_url)
        publish_display_data(data=data, metadata=content.get("metadata") or {}, transient=transient, update=update)

    def close(self):
        if self._dropped > 0:
            print(f"\n[{self._dropped:,} more characters were printed and are not shown: a cell shows {MOST_TEXT:,}]")


def _bounded(data):
    """The forms that are small enough, richest first; the plain text says what was left out."""
    sizes = {form: len(value) if isinstance(value, str) else len(json.dumps(value)) for form, value in data.items()}
    large = [form for form, size in sizes.items() if size > MOST_SHOWN]
    if not large:
        return data
    kept = {form: value for form, value in data.items() if form not in large}
    note = ", ".join(f"{form} of {sizes[form] / 1e6:.0f} MB" for form in large)
    plain = f"{kept.get('text/plain', '')}\n[not shown, too large for a notebook: {note}]".lstrip()
    return {**kept, "text/plain": plain}


def _drawn_by_script(data, plotly_url):
    """Plotly's JSON as HTML that draws itself: each output stands in a frame of its own. Without a network, the image."""
    figure = json.dumps(data[PLOTLY]).replace("</", "<\\/")
    height = data[PLOTLY].get("layout", {}).get("height", 420)
    html = (
        f'<div id="figure" style="width:100%;min-height:{height}px">{data.get("image/svg+xml", "")}</div>'
        f'<script src="{plotly_url}"></script><script>(() => {{ if (!window.Plotly) return; const f = {figure};'
        " const e = document.getElementById('figure'); e.innerHTML = ''; Plotly.newPlot(e, f.data, f.layout, f.config); })()</script>"
    )
    return {**{form: value for form, value in data.items() if form != PLOTLY}, "text/html": html}
