"""Export: the records that ship, in the form a trainer takes, with a manifest of what they rest on.

Golden and trap items never ship, nor do rejected, quarantined and held-out ones. Every file says
how sure each label is; the manifest says what was left out, and why.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from app.audit import audit, standard_of
from app.leaving_out import LeftOut, left_out
from app.low_labels import rated_low
from app.preferences import sides, verdicts
from app.standards import Standard
from queries import ledger
from queries.batches import FACTS, BatchInfo, Question
from queries.bundling import left_out_rows, write_bundle
from queries.errors import InputError, StoreError
from queries.scope import Scope, Viewer
from queries.store import Store

FILE_FORMS: Final = ("jsonl", "parquet")
MANIFEST: Final = "manifest.json"

_CHAT: Final = (
    "case when json_valid({0}) and {0} like '[{{%\"role\"%' then cast({0} as json)"
    " else json_array(json_object('role', '{1}', 'content', {0})) end"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of export: the listing it is made from, and what its weight means.

    `nested` are columns that hold JSON; `answers` those that hold a response.
    """

    name: str
    title: str
    listing: str
    columns: tuple[str, ...]
    nested: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    weight: str | None = None


_SHARE: Final = (
    "weight is the share of the answers for the label that ships (1 where all agree); a resolution "
    "may state its own confidence. It says how sure the label is, not how good the text is."
)
FORMS: Final[dict[str, Form]] = {
    form.name: form
    for form in (
        Form(
            "preference",
            "TRL preference rows: prompt, chosen, rejected",
            "training_preference",
            ("prompt", "chosen", "rejected", "weight", "votes", "answers", "item_id"),
            answers=("chosen", "rejected"),
            weight=_SHARE,
        ),
        Form(
            "unpaired",
            "TRL unpaired preference rows: prompt, completion, label",
            "training_unpaired",
            ("prompt", "completion", "label", "weight", "item_id"),
            answers=("completion",),
            weight=_SHARE,
        ),
        Form(
            "stepwise",
            "TRL stepwise rows: prompt, completions, labels",
            "training_stepwise",
            ("prompt", "completions", "labels", "weight", "item_id"),
            nested=("completions", "labels"),
            weight=_SHARE,
        ),
        Form(
            "messages",
            "chat messages for supervised fine-tuning",
            "training_messages",
            ("messages", "labels", "weight", "item_id"),
            nested=("messages", "labels"),
            weight="weight is the smallest share of the answers for a label that ships.",
        ),
        Form(
            "rewards",
            "one row a response and numeric question, with its mean score",
            "training_rewards",
            ("prompt", "response", "question", "score", "answers", "spread", "item_id"),
        ),
        Form(
            "rows",
            "one row an item, with texts, labels and attributes",
            "training_rows",
            (
                "item_id", "group_id", "prompt", "context", "responses", "labels", "confidence",
                "attributes", "source", "licence",
            ),
            nested=("responses", "labels", "confidence", "attributes"),
            weight="confidence is the share of the answers for the label that ships.",
        ),
    )
}  # fmt: skip
BUNDLE: Final = "bundle"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: its folder, and the manifest as it stands in it."""

    folder: Path
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is to be written."""

    store: Store
    batch: BatchInfo
    form: str
    question: str | None
    file_form: str
    left: LeftOut | None


def export(
    store: Store,
    batch: BatchInfo,
    folder: Path,
    *,
    form: str | None = None,
    question: str | None = None,
    file_form: str = "jsonl",
    accepted_only: bool = False,
    standard: Path | None = None,
    without: Sequence[str] = (),
    reason: str = "",
) -> Exported:
    """Write the records of a batch that ship into a new folder.

    Parameters
    ----------
    form : a name of `FORMS`, or "bundle"; None for what fits the kind and what the batch holds
    question : the question whose labels prefer, or approve; None where there is only one
    file_form : "jsonl" or "parquet"
    accepted_only : write nothing unless the batch was accepted: by decision, else by verdict
    without, reason : annotators to leave out of a bundle, which makes a new batch, and why

    Raises
    ------
    InputError
        When the folder is not empty, the batch was not accepted, or it lacks what the form needs.
    StoreError
        When a file cannot be written; nothing is left of the export then.
    """
    if file_form not in FILE_FORMS:
        raise InputError(f"file form {file_form!r}; allowed: {', '.join(FILE_FORMS)}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: exists already and is not empty; name a new folder with -o")
    if without and form != BUNDLE:
        raise InputError("--without makes a new batch, and no form of this one: add --as bundle")
    left = left_out(store, batch, without, reason)
    judged_by = standard_of(store, batch, standard)
    judged = audit(store, batch, judged_by, Viewer.owner())
    with store.catalogue.read() as cursor:
        decision = ledger.read_decision(cursor, batch.batch_id)
    if accepted_only:
        _refuse_not_accepted(batch, decision, judged.verdict)
    # Beside the target, so that the last step is a rename: an export is whole or not there.
    making = folder.with_name(f".{folder.name}-{uuid4().hex[:8]}")
    try:
        making.mkdir(parents=True)
        ask = _Ask(store, batch, form or _fitting(store, batch), question, file_form, left)
        written = _written(ask, making, judged_by)
        manifest = {
            "made_with": f"batchgate {version('batchgate')}",
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "batch": batch.batch_id,
            "kind": batch.kind,
            "form": ask.form,
            "facts": {name: _plain(getattr(batch, name)) for name in FACTS},
            "batch_digest": batch.digest,
            "parts": [
                {"digest": part.digest, "files": [asdict(file) for file in part.source_files]}
                for part in batch.parts
            ],
            "standard": asdict(judged.standard),
            "verdict": judged.verdict,
            "evidence_sha256": judged.evidence_sha256,
            "decision": decision,
            **written,
            "files": [_file(path) for path in sorted(making.iterdir())],
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=2)
        (making / MANIFEST).write_text(text + "\n", encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    except OSError as error:
        message = f"{folder}: cannot be written ({error.strerror}); nothing was exported"
        raise StoreError(message) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Exported(folder, manifest)


def _refuse_not_accepted(
    batch: BatchInfo, decision: Mapping[str, str] | None, verdict: str
) -> None:
    said = decision["decided"] if decision else verdict
    if said != "accept" and not (decision and said == "conditional"):
        source = "was decided" if decision else "has no decision, and its verdict is"
        raise InputError(
            f"--accepted-only: batch {batch.batch_id!r} {source} {said}; nothing was exported"
        )


def _fitting(store: Store, batch: BatchInfo) -> str:
    """Return the form for the kind of batch, `rows` where it has no texts for it."""
    scope = Scope(batch.batch_id, viewer=Viewer.owner())
    texts = store.fetch("response_counts", scope).to_pylist()
    responses = {int(row["responses"]) for row in texts if row["items"]}
    if batch.kind == "preference" and responses == {2}:
        return "preference"
    if responses == {1}:
        return {"sft": "messages", "reward": "rewards"}.get(batch.kind, "rows")
    return "rows"


def _written(ask: _Ask, folder: Path, standard: Standard) -> dict[str, Any]:
    """Write the files and return what the manifest says of them."""
    store, batch = ask.store, ask.batch
    if ask.form == BUNDLE:
        keys = tuple(ask.left.people.values()) if ask.left else ()
        written = write_bundle(store, batch, folder, ask.file_form, without=keys)
        (folder / "batch.toml").write_text(batch_toml(batch), encoding="utf-8")
        return {"rows": written, **(_left_out(ask, ask.left) if ask.left else {})}
    if ask.form not in FORMS:
        raise InputError(f"--as {ask.form!r} is no form; allowed: {', '.join((*FORMS, BUNDLE))}")
    form = FORMS[ask.form]
    scope = Scope(batch.batch_id, viewer=Viewer.owner(), rules=standard.resolution)
    _refuse_weighted(standard)
    parameters = _parameters(batch, form, ask.question)
    name = f"{form.name}.{ask.file_form}"
    shown = _shown(store, batch, form, ask.file_form)
    rows = store.write(form.listing, scope, folder / name, shown, **parameters)
    if not rows:
        raise InputError(
            f"nothing of batch {batch.batch_id!r} can be exported as {form.name}: {form.title}; it "
            "needs texts of prompts and responses and labels that ship; try --as rows"
        )
    labels = [dict(row) for row in store.fetch("label_counts", scope).to_pylist()]
    return {
        "rows": {name: rows},
        "weights": form.weight,
        "labels_that_mean": parameters or None,
        "items": _counts(store, scope, "shipping_counts", "state"),
        "labels": [
            row for row in labels if row["question"] == parameters.get("question", row["question"])
        ],
        # Chat messages are all imitated; the other forms say which reply is the bad one.
        "rated_low": rated_low(batch.questions, labels) if form.name == "messages" else [],
        "sources": [dict(row) for row in store.fetch("source_counts", scope).to_pylist()],
    }


def _left_out(ask: _Ask, left: LeftOut) -> dict[str, Any]:
    """Return what the manifest says of the people whose answers are not there."""
    rows = left_out_rows(ask.store, ask.batch, tuple(left.people.values()))
    said = {"annotators": sorted(left.people), "reason": left.reason, "rows": rows}
    return {"left_out": said, "made_for": f"a new batch with --set supersedes={ask.batch.batch_id}"}


def _refuse_weighted(standard: Standard) -> None:
    for question, rule in standard.resolution:
        if rule == "weighted":
            raise InputError(
                f"standard {standard.name}: [resolution] {question} = weighted needs resolutions "
                "with weights; import them, or name majority, adjudicated or gold"
            )


def _parameters(batch: BatchInfo, form: Form, question: str | None) -> dict[str, str]:
    if form.name not in {"preference", "unpaired", "stepwise"}:
        return {}
    asked = _question(batch, form, question)
    if form.name == "preference":
        first, second = sides(asked)
        return {"question": asked.name, "first": _array(first), "second": _array(second)}
    good, bad = verdicts(asked)
    return {"question": asked.name, "good": _array(good), "bad": _array(bad)}


def _question(batch: BatchInfo, form: Form, name: str | None) -> Question:
    """Return the question that decides; the only one, or the one usually named."""
    if name is not None:
        return batch.question(name)
    if len(batch.questions) == 1:
        return batch.questions[0]
    usual = {"winner", "overall", "overall_pref", "overall_preference", "preference", "label"}
    named = [each for each in batch.questions if each.name.lower() in usual]
    if len(named) == 1:
        return named[0]
    names = ", ".join(each.name for each in batch.questions)
    raise InputError(f"--as {form.name}: which question decides? name it: --question, of {names}")


def _shown(store: Store, batch: BatchInfo, form: Form, file_form: str) -> dict[str, str]:
    """Return column -> expression: nested columns as JSON, conversations as messages."""
    shown = {column: f'"{column}"' for column in form.columns}
    if file_form == "parquet":
        return shown  # nested values stay JSON text: every row has one type
    shown |= {column: f'cast("{column}" as json)' for column in form.nested}
    if "label" in shown:
        shown["label"] = 'cast("label" as boolean)'
    if form.answers and _is_chat(store, batch):
        shown |= {column: _CHAT.format(f'"{column}"', "assistant") for column in form.answers}
        shown["prompt"] = _CHAT.format('"prompt"', "user")
    return shown


def _is_chat(store: Store, batch: BatchInfo) -> bool:
    """Whether any prompt or response is a conversation; then all are written as one."""
    scope = Scope(batch.batch_id, viewer=Viewer.owner())
    return any(row["chats"] for row in store.fetch("chat_prompts", scope).to_pylist())


def _counts(store: Store, scope: Scope, listing: str, key: str) -> dict[str, int]:
    return {str(row[key]): int(row["items"]) for row in store.fetch(listing, scope).to_pylist()}


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def batch_toml(batch: BatchInfo) -> str:
    """Return the `batch.toml` of a bundle: facts and questions, so that an import finds them."""
    return "\n".join([*_facts(batch), *_questions(batch)]) + "\n"


def _facts(batch: BatchInfo) -> Iterator[str]:
    for name in FACTS:
        value = getattr(batch, name)
        if value is not None and name not in {"standard", "standard_sha256", "supersedes"}:
            yield f"{name} = {_toml(value)}"


def _questions(batch: BatchInfo) -> Iterator[str]:
    for question in batch.questions:
        yield "[[question]]"
        yield f"name = {_toml(question.name)}"
        yield f"level = {_toml(question.level)}"
        if question.declared and question.labels is not None:
            yield f"labels = {_toml(list(question.labels))}"
        yield f"ties = {_toml(list(question.tie_labels))}"


def _toml(value: object) -> str:
    """Write a value as TOML; strings and lists of JSON are strings and lists of TOML."""
    if isinstance(value, datetime):
        return f'"{value.isoformat()}Z"'
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(value: object) -> object:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value


def _array(labels: tuple[str, ...]) -> str:
    return json.dumps(labels, ensure_ascii=False)
