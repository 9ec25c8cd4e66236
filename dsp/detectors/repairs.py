"""Takes faults out of the frame, so that they do not fake relations."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.detectors.base import Repair
from dsp.detectors.frame import Frame


def repaired(frame: Frame, repairs: Sequence[Repair]) -> Frame:
    """Return the frame with units set right, copies and leaking columns left out.

    Rows of every mask are those of the frame as given.
    """
    import numpy as np

    for repair in repairs:
        if repair.rescale is not None and repair.rescale[0] in frame.measures:
            frame = frame.rescaled(*repair.rescale)
    names = [name for repair in repairs for name in repair.drop_columns]
    if names:
        frame = frame.without(*names)
    masks = [r.drop_rows for r in repairs if r.drop_rows is not None]
    if masks:
        frame = frame.kept(~np.logical_or.reduce(masks))
    return frame
