"""What shows itself: one line in a terminal, a card in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from dsp.result.blocks import OBJECT, Block
from dsp.result.fragments import html_of
from dsp.result.plain import markdown_of, text_of


class Shown(ABC):
    """Gives an object its text, Markdown and static HTML for notebooks.

    A class says what it shows by `blocks`; `HTML_LIMIT` is the most bytes of its HTML.
    """

    __slots__ = ()

    HTML_LIMIT: ClassVar[int] = OBJECT

    @abstractmethod
    def blocks(self) -> Sequence[Block]:
        """Return what is shown."""

    def plain_text(self) -> str:
        """Return what is shown as plain text."""
        return text_of(self.blocks())

    def _repr_html_(self) -> str:
        return html_of(self.blocks(), limit=self.HTML_LIMIT)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        """Return the forms among which a notebook chooses; it filters them itself."""
        blocks = self.blocks()
        return {
            "text/plain": self.plain_text(),
            "text/markdown": markdown_of(blocks),
            "text/html": html_of(blocks, limit=self.HTML_LIMIT),
        }


class ShownList(Shown):
    """What is a list as well: IPython has a text of its own for lists."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: Any) -> None:
        printer.text(self.plain_text())
