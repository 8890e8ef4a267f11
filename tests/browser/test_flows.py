"""What a person does: look, click, copy the address, come back."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.intake import bring_in
from queries.store import Store
from tests.app.hostile import HOSTILE

Settle = Callable[[], None]
PAGES = ("", "verdict", "agreement", "drift", "annotators", "reviewers", "records", "methods")
EVIL = "<b>b</b> :green[PASS]"


@pytest.fixture
def go(page: Page, demo_url: str, settle: Settle) -> Callable[[str], None]:
    """Return a call that opens an address of the demo and waits until it is drawn."""

    def open_address(address: str) -> None:
        page.goto(f"{demo_url}{address}")
        settle()

    return open_address


def lead(page: Page, row: str) -> None:
    """Click the middle of a row, as a person does who has not seen the link at its end."""
    page.locator(f".st-key-line_{row}").click()


def open_batch(page: Page, name: str) -> None:
    """Click the row of a batch on the board."""
    rows = page.locator("[class*='st-key-line_board_']").filter(has_text=name)
    rows.filter(has_not_text=f"superseded by {name}").click()


def still_text(page: Page, settle: Settle) -> str:
    """Return what the page says once its picture is drawn and two looks see the same."""
    expect(page.locator(".js-plotly-plot .nsewdrag").first).to_be_visible()
    settle()
    said = page.locator(".stMain").inner_text()
    for _ in range(60):
        page.wait_for_timeout(500)
        earlier, said = said, page.locator(".stMain").inner_text()
        if said == earlier:
            return said
    raise AssertionError(f"the page does not come to rest:\n{said}")


def test_board_leads_to_one_item_by_clicking(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    """Board, verdict, criterion, slice, item."""
    go("/")
    open_batch(page, "preference-accepted")
    expect(page.locator(".bg-banner")).to_contain_text("ACCEPT")
    settle()
    lead(page, "criterion_0")
    expect(page.locator("h1")).to_contain_text("How reliable")
    settle()
    page.get_by_role("radio", name="by slice").click()
    expect(page.locator(".st-key-line_slice_0")).to_be_visible()
    settle()
    lead(page, "slice_0")
    expect(page.locator("h1")).to_contain_text("Which items")
    settle()
    lead(page, "item_0")
    expect(page.get_by_text("History", exact=True)).to_be_visible()
    expect(page.get_by_text("back to the list")).to_be_visible()


def test_flag_of_an_annotator_leads_to_an_item_by_clicking(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    """Everybody, the one who stands outside, an item to read."""
    go("/annotators?batch=support-intents")
    lead(page, "annotator_0")
    expect(page.locator("h1")).to_have_text("ann_vance")
    expect(page.locator(".bg-note").first).to_contain_text("careless")
    settle()
    page.get_by_role("link", name="msg-").first.click()
    expect(page.get_by_text("History", exact=True)).to_be_visible()


def test_address_of_an_item_is_its_own(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    """From list to item is a link to the same page, of which Streamlit keeps the old address."""
    go("/records?batch=preference-accepted&differ=yes")
    lead(page, "item_0")
    expect(page.get_by_text("back to the list")).to_be_visible()
    settle()
    name = page.locator("h1").inner_text()
    expect(page).to_have_url(re.compile(f"item={re.escape(name)}"))
    page.goto(page.url)
    expect(page.locator("h1")).to_have_text(name)


def test_copied_address_reopens_the_same_view(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    go("/agreement?batch=qa-inspection&question=severity")
    page.get_by_role("radio", name="by annotator pair").click()
    # What only the new part shows: a click is answered some time after it was made.
    expect(page.get_by_text("Every pair of annotators")).to_be_visible()
    expect(page).to_have_url(re.compile("part=pairs"))
    before = still_text(page, settle)
    copied = page.url
    page.goto("about:blank")
    page.goto(copied)
    expect(page.get_by_text("Every pair of annotators")).to_be_visible()
    assert still_text(page, settle) == before


def test_pages_keep_the_batch_that_was_chosen(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    go("/verdict?batch=reward-scores")
    for name in ("Agreement", "Records", "Methods", "Board", "Verdict"):
        page.get_by_role("link", name=name, exact=True).click()
        path = "" if name == "Board" else name.lower()
        expect(page).to_have_url(re.compile(rf"^[^?]*/{path}\?.*\bbatch=reward-scores"))
        settle()
    expect(page.locator(".bg-crumb")).to_contain_text("reward-scores")


def test_choosing_a_batch_shows_it(page: Page, go: Callable[[str], None], settle: Settle) -> None:
    go("/verdict?batch=reward-scores")
    box = page.get_by_role("combobox", name="Batch")
    box.click()
    box.fill("safety-screening")
    page.get_by_role("option", name="safety-screening").click()
    expect(page.locator(".bg-crumb")).to_contain_text("safety-screening")
    expect(page).to_have_url(re.compile("batch=safety-screening"))


def test_back_button_returns_to_the_view_before(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    go("/verdict?batch=safety-screening")
    lead(page, "criterion_0")
    expect(page.locator("h1")).to_contain_text("How reliable")
    settle()
    page.go_back()
    expect(page.locator(".bg-banner")).to_contain_text("HOLD")
    expect(page).to_have_url(re.compile(r"/verdict\?batch=safety-screening$"))


def test_cell_of_a_pair_leads_to_its_items(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    go("/agreement?batch=qa-inspection&question=decision&part=pairs")
    plot = page.locator(".js-plotly-plot .nsewdrag")
    expect(plot).to_be_visible()
    settle()
    page.wait_for_timeout(500)  # Plotly listens a moment after it has drawn.
    area = plot.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 25, area["y"] + area["height"] - 25)
    page.mouse.click(area["x"] + 25, area["y"] + area["height"] - 25)
    expect(page.locator("h1")).to_contain_text("Which items")
    expect(page).to_have_url(re.compile(r"\ba=.*\bb=|\bb=.*\ba="))


def test_row_of_a_pair_leads_to_its_items(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    """The table beside the picture is the way for a keyboard."""
    go("/agreement?batch=qa-inspection&question=decision&part=pairs")
    table = page.locator(".st-key-pair_rows [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    settle()
    area = table.bounding_box()
    assert area is not None
    # The table is a canvas: the box of the first row stands below a header of 35 pixels.
    page.mouse.click(area["x"] + 15, area["y"] + 52)
    expect(page.locator("h1")).to_contain_text("Which items")


def test_criterion_can_be_opened_with_the_keyboard(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    go("/verdict?batch=safety-screening")
    page.locator(".st-key-line_criterion_0 a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("How reliable")


def test_how_a_number_is_computed_opens_beside_it(
    page: Page, go: Callable[[str], None], settle: Settle
) -> None:
    go("/agreement?batch=safety-screening")
    page.get_by_role("button", name="how is this computed").first.click()
    expect(page.get_by_text("What it is").first).to_be_visible()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_is_drawn_in_both_themes(
    page: Page, go: Callable[[str], None], theme: str, address: str
) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    go(f"/{address}?batch=qa-inspection")
    ink, paper = page.evaluate(
        "() => [...document.querySelectorAll('.bg-crumb')].slice(0, 1).flatMap(e =>"
        " [getComputedStyle(e).color, getComputedStyle(document.querySelector('.stApp'))"
        ".backgroundColor])"
    )
    assert (_brightness(ink) < _brightness(paper)) == (theme == "light")


@pytest.mark.parametrize("part", ["labels", "slices", "pairs", "questions", "overlap"])
@pytest.mark.parametrize("batch", ["edge-one-annotator", "edge-all-agree", "reward-scores"])
def test_agreement_is_drawn_without_an_error(
    page: Page, go: Callable[[str], None], batch: str, part: str
) -> None:
    """The fixture fails the test on an error, an exception or a request that leaves."""
    go(f"/agreement?batch={batch}&part={part}")
    expect(page.locator(".bg-card").first).to_be_visible()


@pytest.mark.parametrize("address", ["", "verdict"])
def test_empty_store_is_drawn_without_an_error(
    page: Page, serve: Callable[[Path], str], settle: Settle, tmp_path: Path, address: str
) -> None:
    Store.open(tmp_path / "store", create=True)
    page.goto(f"{serve(tmp_path / 'store')}/{address}")
    settle()
    expect(page.get_by_text("The store holds no batch yet")).to_be_visible()


def test_hostile_texts_are_shown_and_not_obeyed(
    page: Page, serve: Callable[[Path], str], settle: Settle, tmp_path: Path
) -> None:
    """No image is fetched (the fixture watches), nothing becomes bold, no verdict is faked."""
    table = tmp_path / "hostile.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "who", "label", "text"])
        for text in HOSTILE:
            rows.writerows([[text, who, text, text] for who in ("**ann** :red[x]", "<b>bo</b>")])
    mapping = tmp_path / "hostile.toml"
    mapping.write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\nprompt = "text"\n'
        '[attributes]\ntext = "text"\n[[question]]\nname = "<mark>q</mark>"\ncolumn = "label"\n'
        'level = "nominal"\n'
    )
    bring_in(tmp_path / "store", [table], batch_id=EVIL, mapping=mapping)
    url = serve(tmp_path / "store")
    page.goto(url)
    settle()
    open_batch(page, EVIL)
    expect(page.locator(".bg-banner")).to_be_visible()
    parts = ["&part=slices", "&part=pairs", "&part=overlap", "&part=labels"]
    batch = page.url.split("batch=")[1].split("&")[0]
    for address in ("records", *(f"agreement{part}" for part in parts)):
        path, _, rest = address.partition("&")
        page.goto(f"{url}/{path}?batch={batch}&{rest}")
        settle()
        marked = page.locator(".stMain").get_by_text("bold", exact=True)
        assert marked.evaluate_all("all => all.filter(e => e.closest('b, strong')).length") == 0
        assert page.locator(".stMain img, .stMain mark").count() == 0


def _brightness(colour: str) -> float:
    """Return the mean of the channels of `rgb(1, 2, 3)`."""
    channels = colour[colour.index("(") + 1 : -1].split(",")[:3]
    return sum(float(channel) for channel in channels) / 3
