"""The pieces of a page that Streamlit has no widget for, as HTML built from escaped text only.

Every function returns one element of class `bg`; the looks are in static/batchgate.css. Streamlit
removes scripts, handlers and SVG from such HTML, so bars are drawn with positioned boxes.
"""

from app.markup.bars import Axis, axis, bar, in_words, must_be, thresholds
from app.markup.blocks import (
    Fact,
    banner,
    chip,
    crumb,
    definitions,
    facts,
    heading,
    literal,
    missing,
    moments,
    note,
    options_table,
    stack,
)
from app.markup.coverage import cell_row, cells_head, kind_head, kind_row
from app.markup.reviewing import check_row, review_head, review_row
from app.markup.rows import (
    board_head,
    board_row,
    criteria_head,
    criterion,
    estimate_card,
    forest_head,
    forest_row,
    item_head,
    item_row,
)

__all__ = [
    "Axis",
    "Fact",
    "axis",
    "banner",
    "bar",
    "board_head",
    "board_row",
    "cell_row",
    "cells_head",
    "check_row",
    "chip",
    "criteria_head",
    "criterion",
    "crumb",
    "definitions",
    "estimate_card",
    "facts",
    "forest_head",
    "forest_row",
    "heading",
    "in_words",
    "item_head",
    "item_row",
    "kind_head",
    "kind_row",
    "literal",
    "missing",
    "moments",
    "must_be",
    "note",
    "options_table",
    "review_head",
    "review_row",
    "stack",
    "thresholds",
]
