"""Makes the Vega bundle that dashboards carry: ``python -m dsp.dashboard.bundle``.

Run it when vl-convert is upgraded; a test says when the file is out of date. It takes
seconds, so pages never do it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

VEGA_LITE = "6.4"
SNIPPET = "window.dspVega={vegaEmbed};"


def make_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script in a function of its own."""
    import vl_convert

    code = vl_convert.javascript_bundle(SNIPPET, vl_version=VEGA_LITE)
    return f"(()=>{{{code}\n}})();\n"


def bundle_path() -> Path:
    """Return where the package keeps the bundle."""
    return Path(str(files("dsp.dashboard"))) / "assets" / "vega-bundle.js"


if __name__ == "__main__":
    bundle_path().write_text(make_bundle(), encoding="utf-8")
