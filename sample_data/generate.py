"""Write the sample files: `python -m sample_data.generate`.

Everything is drawn from seeds fixed in the code, so a second run changes nothing.
"""

from collections.abc import Callable
from typing import Final

from sample_data import demonstrations, drifting, folder, preference_batches
from sample_data.boundaries import boundaries
from sample_data.copies import copies
from sample_data.inspection import inspection
from sample_data.labels import safety_screening, support_intents
from sample_data.messy import messy
from sample_data.ratings import rankings, rated_demonstrations, reward_scores, reward_steps
from sample_data.review_chain import review_chain
from sample_data.writing import write

_MAKERS: Final[tuple[Callable[[], dict[str, str]], ...]] = (
    preference_batches.accepted,
    preference_batches.undecided,
    preference_batches.rejected,
    preference_batches.easy_overlap,
    preference_batches.one_annotator,
    preference_batches.all_agree,
    rated_demonstrations,
    boundaries,
    demonstrations.polished,
    support_intents,
    safety_screening,
    inspection,
    review_chain,
    rankings,
    reward_scores,
    reward_steps,
    messy,
    drifting.reference,
    drifting.new_guideline,
    drifting.new_people,
    drifting.hidden_guideline,
    copies,
)


def contents() -> dict[str, str]:
    """Return every generated file by name, as text."""
    return {name: text for make in _MAKERS for name, text in make().items()}


def main() -> None:
    """Rewrite the generated files beside this module."""
    for name, text in contents().items():
        write(folder() / name, text)


if __name__ == "__main__":
    main()
