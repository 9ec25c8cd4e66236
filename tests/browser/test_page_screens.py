"""D20: the page looks as it was approved, at two widths and in both themes."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import open_page

if TYPE_CHECKING:
    from collections.abc import Callable

APPROVED = Path(__file__).parent / "approved"
SCALE = 4
"""Pixels of the page for one of the approved image, so that hairlines do not decide."""
APART = 24
"""Difference of a channel (of 255) from which on a pixel is another one."""
ALLOWED = 0.005


@pytest.fixture(scope="module")
def reference_screen(page_of_run: Callable[..., Path], reference_sales: Any) -> Path:
    os.environ["SOURCE_DATE_EPOCH"] = "1795000000"
    try:
        return page_of_run(
            reference_sales,
            "revenue",
            time_column="order_date",
            units={"revenue": "USD"},
            dashboard_title="sales",
        )
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]


def shot(chromium: Any, page: Path, width: int, theme: str) -> Any:
    """Return the page as an image, made smaller."""
    from PIL import Image

    opened = open_page(chromium, page, width=width, theme=theme)
    opened.run("window.scrollTo(0, 0)")
    opened.run("new Promise(done => setTimeout(done, 200))")
    data = opened.page.screenshot(full_page=True, animations="disabled")
    opened.close()
    image = Image.open(io.BytesIO(data)).convert("RGB")
    size = (image.width // SCALE, image.height // SCALE)
    return image.resize(size, Image.Resampling.BOX)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_looks_as_approved(
    chromium: Any, reference_screen: Path, width: int, theme: str
) -> None:
    """Set WRITE_APPROVED=1 to write the images again, and look at each of them."""
    import numpy as np
    from PIL import Image

    image = shot(chromium, reference_screen, width, theme)
    path = APPROVED / f"{width}-{theme}.png"
    if os.environ.get("WRITE_APPROVED"):
        APPROVED.mkdir(exist_ok=True)
        image.quantize(128).save(path, optimize=True)
    with Image.open(path) as file:
        approved = file.convert("RGB")
    assert image.size == approved.size
    difference = np.abs(
        np.asarray(image, dtype="int16") - np.asarray(approved, dtype="int16")
    ).max(axis=2)
    share = float((difference > APART).mean())
    assert share <= ALLOWED
