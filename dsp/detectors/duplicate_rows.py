"""Copied rows, as the checks counted them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors.base import Candidate, Found

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene


class DuplicateRows:
    """Rows that are equal in every column."""

    name = "duplicate_rows"

    def detect(self, scene: Scene) -> Found:
        """Say how many copies there are when a check of them failed."""
        failed = any(
            c.kind.startswith("duplicate_row") and c.outcome == "failed"
            for c in scene.checks
        )
        if not failed or not scene.n_rows:
            return Found()
        whole = "whole_row"
        while whole in {name.casefold() for name in scene.columns}:
            whole += "_"
        sql = (
            f"with copies as (\n    select count(*) as n\n    from {scene.source}\n"
            f"        as {whole}\n    group by {whole}\n)\n"
            "select sum(n - 1) / sum(n) as value,\n"
            "    cast(sum(n - 1) as bigint) as n_rows\nfrom copies"
        ).replace(" as data\n        as ", " as ")
        if scene.repeated is not None:
            share, n = scene.repeated.share, scene.repeated.n_excess
        else:
            ((share, n),) = scene.engine.rows(sql)
        if not n:
            return Found()
        return Found(
            candidates=(
                Candidate(
                    kind="duplicate_rows",
                    columns=(),
                    value=float(share),
                    effect_name="share_of_rows",
                    effect=float(share),
                    n_rows=int(n),
                    impact=float(share),
                    evidence_sql=sql,
                    shape="fact",
                    facts={"form": "duplicates"},
                ),
            )
        )


plugin = DuplicateRows()
