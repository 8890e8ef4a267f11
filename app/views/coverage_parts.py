"""Parts of the Coverage page: declared cells, what to collect, two attributes, gaps, values."""

from collections.abc import Mapping
from math import isfinite

import streamlit as st

from app import charts, components, markup, state
from app.coverage import attributes_of
from app.coverage_report import CellRow, Report
from app.coverage_tables import SHOWN_VALUES, collecting_csv, grid
from app.coverage_words import NOT_STATED, cell_name, needs, share_words
from app.text import count, counted, figure, percent
from metrics.diversity import evenness
from metrics.gaps import unstated
from queries.batches import BatchInfo

PER_PAGE = 25
LEAST = {"1": "1", "5": "5", "10": "10", "30": "30"}
NO_ATTRIBUTES = (
    "The items have no attributes",
    "Nothing tells what kinds of item there are: name columns under [attributes] in the mapping, or"
    " add a bundle with item_attributes.",
)


def least() -> int:
    """Return the items a pattern needs to be covered, as the address says."""
    return int(LEAST.get(state.param("least") or "1", "1"))


def reference(batch: BatchInfo) -> str | None:
    """Return the batch of the address that tells which combinations occur at all."""
    name = state.param("reference")
    known = {one.batch_id for one in state.batches()}
    return name if name in known and name != batch.batch_id else None


def items_address(batch: BatchInfo, cell: Mapping[str, str], **more: str) -> state.Link:
    """Return the address of the accepted items of a cell."""
    where = tuple(cell.items())
    return state.link(batch.batch_id, where=where, list="items", accepted="yes", **more)


def cells(batch: BatchInfo, report: Report) -> None:
    """Draw the declared cells, worst first."""
    st.html(markup.heading("Declared cells", f"worst first · by standard {report.standard}"))
    if not report.cells:
        st.html(
            markup.missing(
                "The standard declares no cell",
                "What a batch must hold is declared in its standard; without a plan nothing is "
                "short.",
                '[[coverage]] cell = { task = "coding", language = "de" } minimum_items = 50',
            )
        )
        return
    number = components.page_choice(len(report.cells), PER_PAGE)
    with st.container(gap=None):
        components.line_head("cells", markup.cells_head())
        for place, row in enumerate(report.cells[(number - 1) * PER_PAGE :][:PER_PAGE]):
            drawn = markup.cell_row(
                name=cell_name(row.target.cell),
                under=_under(row),
                state=row.state,
                actual=row.target.actual,
                required=row.required,
                short=count(row.short) if row.short else "–",
                needs=needs(row),
            )
            # A dimension nothing has cannot be searched for; the batch itself can be looked at.
            cell = row.target.cell if row.target.actual is not None else {}
            address = items_address(batch, cell)
            components.line(f"cell_{place}", drawn, state.RECORDS, "items", address)
    components.page_buttons(len(report.cells), PER_PAGE)
    _together(report)


def _under(row: CellRow) -> str:
    rejected = row.items - (row.target.actual or 0)
    left = f"{counted(rejected, 'items')} do not ship" if rejected > 0 else ""
    weight = row.severity or "aimed at, judges nothing"
    return " · ".join(filter(None, (row.reason, weight, left, share_words(row))))


def _together(report: Report) -> None:
    tests = report.together
    if not tests.cells:
        return
    told = (
        f"χ² = {figure(tests.statistic)}, {tests.degrees} degrees of freedom,"
        f" p = {figure(tests.p_value, 3)}. "
        if tests.degrees
        else ""
    )
    st.caption(
        f"{told}Shares are tested by exact binomials against too few, p after Benjamini and "
        "Hochberg; items of one document or prompt are fewer draws than items. Numbers of items "
        "are counted, there is nothing to test."
    )


def collect(batch: BatchInfo, report: Report) -> None:
    """Draw what to collect next, with the file for those who do it."""
    st.html(markup.heading("What to collect next", "in this order · one item may fill many cells"))
    if not report.next:
        word = "No declared cell is short" if report.cells else "The standard declares no cell"
        st.html(markup.missing(word, "Nothing has to be collected for the plan."))
        return
    total = sum(one.items for one in report.next)
    apart = sum(row.short for row in report.cells if row.target.is_required)
    saved = f"; cell by cell it would be {count(apart)}" if apart > total else ""
    st.html(markup.note(f"{counted(total, 'items')} fill every cell", saved.removeprefix("; ")))
    with st.container(gap=None):
        head = markup.kind_head("kind of item", "to collect", "there are", "fills cells", "")
        components.line_head("collect", head)
        for place, one in enumerate(report.next[:PER_PAGE]):
            known = all(name in attributes_of(batch) for name in one.cell)
            cell = tuple(one.cell.items())
            has = count(report.found.count(cell)[1]) if report.found.knows(cell) else "–"
            row = markup.kind_row(
                f"{place + 1}. {cell_name(one.cell)}",
                "",
                count(one.items),
                has,
                count(len(one.serves)),
                "",
            )
            address = items_address(batch, one.cell if known else {})
            components.line(f"collect_{place}", row, state.RECORDS, "items", address)
    if len(report.next) > PER_PAGE:
        st.caption(f"the first {PER_PAGE} of {count(len(report.next))}; the file has all")
    st.download_button(
        "Download the list (CSV)",
        collecting_csv(report),
        file_name=f"collect-{batch.batch_key[:12]}.csv",
        mime="text/csv",
    )


def value_map(batch: BatchInfo, report: Report) -> None:
    """Draw the accepted items by two attributes."""
    names = report.found.attributes
    if len(names) < 2:
        _without_attributes(report)
        return
    left, right = st.columns(2)
    with left:
        first = components.choice("rows", "Rows", {name: name for name in names})
    with right:
        others = {name: name for name in names if name != first}
        second = components.choice("columns", "Columns", others)
    made = grid(report.found, first, second, report.space.impossible)
    st.html(markup.heading(f"{first} by {second}", "accepted items · a cell leads to its items"))
    if not made.cells:
        st.html(markup.missing("No accepted item states both", "There is nothing to draw."))
    else:
        chosen = components.clickable(
            charts.value_grid(
                (made.rows, made.columns),
                made.cells,
                components.palette(),
                titles=(first, second),
                legend="accepted items",
            ),
            key=f"grid_{first}_{second}",
            alt=f"Accepted items by {first} and {second}, as numbers in the cells",
        )
        if chosen is not None:
            st.switch_page(state.RECORDS, query_params=items_address(batch, made.patterns[chosen]))
    if made.not_shown:
        st.caption(
            f"{counted(made.not_shown, 'items')} of rarer values are not drawn: the {SHOWN_VALUES}"
            " commonest of each are."
        )
    _not_stated(batch, report, (first, second), made.not_stated)


def _not_stated(batch: BatchInfo, report: Report, names: tuple[str, str], either: int) -> None:
    if not either:
        return
    lacking = {one.name: one.missing for one in report.attributes}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(markup.chip(f"{counted(either, 'items')} do not state both"), width="content")
        for name in names:
            if lacking.get(name):
                st.page_link(
                    state.RECORDS,
                    label=f"{count(lacking[name])} without {name} →",
                    query_params=items_address(batch, {}, without=name),
                )


def gaps(batch: BatchInfo, report: Report) -> None:
    """Draw the maximal uncovered patterns, and how far each choice of attributes is covered."""
    if not report.space.table.attributes:
        _without_attributes(report)
        return
    chosen = components.choice("least", "A combination counts as covered from ... items", LEAST)
    others = [one.batch_id for one in state.batches() if one.batch_id != batch.batch_id]
    _reference_choice(batch, others)
    note = "each told once, as widely as possible · what was most to be expected comes first"
    st.html(markup.heading("Missing, though nobody declared it", note))
    if not report.gaps.widest:
        st.html(
            markup.missing(
                "Nothing is missing",
                f"Every combination that can be has {counted(int(chosen), 'items')} or more.",
            )
        )
    number = components.page_choice(len(report.gaps.widest), PER_PAGE)
    with st.container(gap=None):
        if report.gaps.widest:
            head = markup.kind_head(
                "combination", "items", "expected by chance", "may have it, not stated", ""
            )
            components.line_head("gaps", head)
        for place, gap in enumerate(report.gaps.widest[(number - 1) * PER_PAGE :][:PER_PAGE]):
            may = unstated(report.space.table, gap.pattern)
            figures = (count(gap.count), f"{gap.expected:,.1f}", count(may) if may else "–", "")
            row = markup.kind_row(cell_name(gap.pattern), "", *figures)
            address = items_address(batch, gap.pattern)
            components.line(f"gap_{place}", row, state.RECORDS, "items", address)
    components.page_buttons(len(report.gaps.widest), PER_PAGE)
    _left_out(report)
    for pattern, items in report.impossible:
        st.html(
            markup.note(
                "Declared impossible, and yet there:",
                f"{cell_name(pattern)}, {counted(items, 'items')}",
                state="fail",
            )
        )


def _reference_choice(batch: BatchInfo, others: list[str]) -> None:
    """Draw the choice of a batch that tells which combinations occur at all."""
    st.session_state["reference_choice"] = reference(batch)
    st.selectbox(
        "Only what occurs in another batch can be missing here",
        others,
        index=None,
        key="reference_choice",
        placeholder="every combination of known values",
        on_change=_reference_chosen,
    )


def _reference_chosen() -> None:
    state.write(reference=st.session_state["reference_choice"], page=None)


def _left_out(report: Report) -> None:
    told = []
    for name, estimate in (("pairs", report.pairs), ("triples", report.triples)):
        if estimate.status == "ok":
            told.append(
                f"Of {counted(estimate.n, f'possible {name}')} of values"
                f" {percent(estimate.value, 1)} occur."
            )
    if report.space.left_out:
        told.append(f"Not searched, too many values: {', '.join(report.space.left_out)}.")
    if report.gaps.total > len(report.gaps.widest):
        told.append(
            f"The widest {count(len(report.gaps.widest))} of {count(report.gaps.total)} are listed."
        )
    if told:
        st.caption(" ".join(told))


def diversity(batch: BatchInfo, report: Report) -> None:
    """Draw the attributes with their effective numbers, or the values of one of them."""
    if not report.attributes:
        _without_attributes(report)
        return
    name = state.param("attribute")
    if name in report.found.attributes:
        _values(batch, report, name)
        return
    note = "as many equally common values would be as diverse · of the accepted items, counted"
    st.html(markup.heading("Values in effect", note))
    with st.container(gap=None):
        head = markup.kind_head("attribute", "values", "in effect", "common ones", NOT_STATED)
        components.line_head("values", head)
        for place, one in enumerate(report.attributes):
            kept = one.name in report.found.attributes
            under = "" if kept else "too many values to be kept apart"
            orders = (f"{each.value:,.1f}" if each.status == "ok" else "–" for each in one.orders)
            values, effect, common = orders
            row = markup.kind_row(
                one.name,
                under,
                values.removesuffix(".0"),
                effect,
                common,
                percent(one.missing, report.accepted),
            )
            address = (
                state.link(batch.batch_id, part="values", attribute=one.name)
                if kept
                else items_address(batch, {}, without=one.name)
            )
            path = state.COVERAGE if kept else state.RECORDS
            components.line(f"value_{place}", row, path, "values" if kept else "without", address)
    _unseen(report)


def _unseen(report: Report) -> None:
    st.html(markup.heading("Kinds nobody has seen yet", "share of further items, Good and Turing"))
    known = [one for one in report.attributes if one.unseen.status in {"ok", "insufficient"}]
    if not known:
        reasons = {one.unseen.reason for one in report.attributes if one.unseen.reason}
        st.html(markup.missing("Not estimated", "; ".join(sorted(reasons))))
        return
    on = markup.axis((one.unseen for one in known), within=(0.0, 1.0))
    st.html(markup.forest_head("attribute", on))
    for one in known:
        facts = one.unseen.provenance
        bound = facts["chao1"]
        under = (
            f"{facts['categories']} values, {facts['seen_once']} of them once; at least"
            f" {float(bound):,.1f} in all"
        )
        st.html(markup.forest_row(one.name, one.unseen, on, under=under))


def _values(batch: BatchInfo, report: Report, name: str) -> None:
    """Draw the values of one attribute, commonest first."""
    by_value = report.found.by_value(name)
    every = report.found.by_value(name, accepted=False)
    missing = by_value.pop("", 0)
    even = evenness(list(by_value.values()))
    note = "commonest first" + (f" · evenness {figure(even)}" if isfinite(even) else "")
    st.html(markup.heading(name, note))
    rows = sorted(by_value.items(), key=lambda pair: (-pair[1], pair[0]))
    number = components.page_choice(len(rows), PER_PAGE)
    with st.container(gap=None):
        head = markup.kind_head("value", "accepted", "share", "do not ship", "")
        components.line_head("one", head)
        for place, (value, items) in enumerate(rows[(number - 1) * PER_PAGE :][:PER_PAGE]):
            row = markup.kind_row(
                value,
                "",
                count(items),
                percent(items, report.accepted),
                count(every[value] - items),
                "",
            )
            address = items_address(batch, {name: value})
            components.line(f"one_{place}", row, state.RECORDS, "items", address)
        if missing:
            row = markup.kind_row(
                NOT_STATED, "", count(missing), percent(missing, report.accepted), "", ""
            )
            address = items_address(batch, {}, without=name)
            components.line("one_missing", row, state.RECORDS, "items", address)
    components.page_buttons(len(rows), PER_PAGE)
    st.page_link(
        state.COVERAGE,
        label="← all attributes",
        query_params=state.link(batch.batch_id, part="values"),
    )


def _without_attributes(report: Report) -> None:
    if not report.found.attributes:
        st.html(markup.missing(*NO_ATTRIBUTES))
        return
    st.html(
        markup.missing(
            "One attribute only",
            f"The items have {', '.join(report.found.attributes)}; combinations take two.",
        )
    )
