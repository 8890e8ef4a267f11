"""Why labels moved: parts that can be told apart, and causes that cannot."""

import numpy as np
import pytest

from metrics.decomposition import CAUSES, Decomposition, decompose, items_needed, strongest
from metrics.mix_model import MixCells
from metrics.standardisation import kitagawa

BASE = (0.3, 0.5)


def cells(
    rows: list[tuple[int, int, int, int, int, float]], *, knows_versions: bool = True
) -> MixCells:
    """Return cells of (side, stratum, person, version, answers, share of yes)."""
    entries = []
    for side, stratum, person, version, answers, share in rows:
        yes = round(answers * share)
        entries += [
            (side, stratum, person, version, 0, answers - yes),
            (side, stratum, person, version, 1, yes),
        ]
    columns = np.array(entries, dtype=np.int64).T
    side, stratum, person, version, label, count = columns
    return MixCells(
        ("no", "yes"), side, stratum, person, version, label, count,
        attribute="task", knows_versions=knows_versions,
    )  # fmt: skip


def planted(
    *,
    items: float = 0.0,
    people: float = 0.0,
    guideline: float = 0.0,
    rest: float = 0.0,
    crews: tuple[range, range] = (range(8), range(8)),
    versions: tuple[float, float] = (0.0, 0.5),
) -> MixCells:
    """Return shares exactly as an additive world makes them; new people lean by 2 `people`."""
    rows = []
    for side in (0, 1):
        second = 0.3 + side * items / (BASE[1] - BASE[0])
        late = versions[side] if guideline else 0.0
        for stratum, weight in ((0, 1 - second), (1, second)):
            for person in crews[side]:
                for version, part in ((0, 1 - late), (1, late)):
                    answers = round(100_000 * weight * part)
                    share = BASE[stratum] + side * rest + version * guideline / 0.5
                    share += 2 * people * (person >= 8)
                    if answers:
                        rows.append((side, stratum, person, version, answers, share))
    return cells(rows)


def yes(found: tuple[Decomposition, ...]) -> Decomposition:
    return found[1]


NEW_CREW = (range(8), range(4, 12))


@pytest.mark.parametrize(
    ("cause", "given"),
    [
        ("item_mix", {"items": 0.1}),
        ("annotator_mix", {"people": 0.1, "crews": NEW_CREW}),
        ("guideline", {"guideline": 0.1}),
        ("residual", {"rest": 0.1}),
    ],
)
def test_single_cause_is_named_with_its_size(cause: str, given: dict[str, object]) -> None:
    found = yes(decompose(planted(**given)))  # type: ignore[arg-type]
    assert found.main_cause == (cause,)
    assert found.parts[cause].value == pytest.approx(0.1, abs=1e-4)
    others = [found.parts[other].value for other in CAUSES if other != cause]
    assert others == pytest.approx([0.0] * 3, abs=1e-4)


def test_three_causes_are_shared_out() -> None:
    found = yes(decompose(planted(items=0.06, people=0.05, guideline=0.08, crews=NEW_CREW)))
    parts = [found.parts[cause].value for cause in CAUSES]
    assert parts == pytest.approx([0.06, 0.05, 0.08, 0.0], abs=1e-4)


def test_parts_add_up_to_the_shift() -> None:
    found = yes(decompose(planted(items=0.06, people=0.05, rest=-0.02, crews=NEW_CREW)))
    total = sum(part.value for part in found.parts.values())
    assert total == pytest.approx(found.shift, abs=1e-9)


def test_parts_of_all_labels_cancel_out() -> None:
    no, one = decompose(planted(items=0.06, guideline=0.05))
    assert no.parts["guideline"].value == pytest.approx(-one.parts["guideline"].value, abs=1e-9)


def test_items_as_the_only_factor_are_kitagawas_parts() -> None:
    table = [(0, 0, 0, 0, 825, 512 / 825), (0, 1, 0, 0, 325, 120 / 325),
             (1, 0, 0, 0, 108, 89 / 108), (1, 1, 0, 0, 593, 202 / 593)]  # fmt: skip
    found = yes(decompose(cells(table)))
    expected = kitagawa(([512, 120], [825, 325]), ([89, 202], [108, 593]))
    assert found.parts["item_mix"].value == pytest.approx(expected.mix, abs=1e-9)
    assert found.parts["residual"].value == pytest.approx(expected.rate, abs=1e-9)


def test_reversal_by_other_items_is_flagged() -> None:
    table = [(0, 0, 0, 0, 8000, 0.6), (0, 1, 0, 0, 2000, 0.2),
             (1, 0, 0, 0, 2000, 0.7), (1, 1, 0, 0, 8000, 0.3)]  # fmt: skip
    found = yes(decompose(cells(table)))
    assert found.shift < 0 < found.parts["residual"].value
    assert found.is_reversed


def test_other_crew_without_a_shared_person_is_aliased() -> None:
    found = yes(decompose(planted(people=0.1, crews=(range(8), range(8, 16)))))
    assert found.not_separable == ("annotator_mix", "residual")
    assert found.together == pytest.approx(0.2, abs=1e-3)
    assert found.would_need.endswith("audit items to both crews")


def test_guideline_that_changed_between_the_batches_is_aliased() -> None:
    found = yes(decompose(planted(guideline=0.1, versions=(0.0, 1.0))))
    assert found.not_separable == ("guideline", "residual")
    assert "both guideline versions" in found.would_need


def test_one_shared_person_does_not_speak_for_the_crew() -> None:
    found = yes(decompose(planted(people=0.1, crews=(range(8), range(7, 16)))))
    assert "annotator_mix" in found.not_separable


def test_strata_of_one_side_are_aliased() -> None:
    table = [(0, 0, 0, 0, 5000, 0.3), (1, 0, 0, 0, 2500, 0.3), (1, 1, 0, 0, 2500, 0.6)]
    found = yes(decompose(cells(table)))
    assert "item_mix" in found.not_separable


def test_guideline_that_nobody_recorded_is_unknown() -> None:
    table = [(0, 0, 0, 0, 5000, 0.3), (1, 0, 0, 0, 5000, 0.4)]
    found = yes(decompose(cells(table, knows_versions=False)))
    assert found.unknown == ("guideline",)
    assert "guideline" not in found.parts


def test_few_answers_name_nothing() -> None:
    table = [(0, 0, person, 0, 5, 0.4) for person in range(8)]
    table += [(1, 0, person, 0, 5, 0.4) for person in range(4, 12)]
    found = yes(decompose(cells(table), design_effect=2.0))
    assert found.not_separable
    assert "annotator_mix" not in found.parts


def test_opposite_causes_mask_each_other() -> None:
    found = yes(decompose(planted(items=0.1, guideline=-0.1)))
    assert abs(found.shift) < 1e-3
    assert found.masks


def test_side_without_answers_has_no_parts() -> None:
    assert decompose(cells([(0, 0, 0, 0, 10, 0.5)])) == ()


def test_strongest_is_the_label_with_the_largest_parts() -> None:
    found = decompose(planted(items=0.1, guideline=-0.1))
    assert strongest(found) in found
    assert strongest(()) is None


def test_items_needed_fall_with_the_shift() -> None:
    assert items_needed(0.5, 0.25) == 63
    assert items_needed(0.5, 0.1) > 6 * 63 - 5
