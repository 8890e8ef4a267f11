"""Conversations and times as exports spell them, read by SQL macros over JSON.

A conversation becomes a list of (role, content). What both sides of a comparison share is the
prompt, what follows is the response. One message is its text, several are a JSON array of messages,
which `batchgate export` writes as messages again.
"""

from typing import Final

import duckdb

MACROS: Final = (
    # A field as text; a whole number that was written 2.0 is 2.
    "create or replace temp macro plain(j) as case json_type(j) when 'NULL' then null"
    " when 'DOUBLE' then regexp_replace(json_extract_string(j, '$'), '[.]0+$', '')"
    " else json_extract_string(j, '$') end",
    # Tables hold lists as JSON in a text.
    "create or replace temp macro unpacked(j) as case when json_type(j) = 'VARCHAR'"
    " and regexp_matches(plain(j), '^\\s*[\\[{]') and json_valid(plain(j))"
    " then cast(plain(j) as json) else j end",
    "create or replace temp macro listed(j) as case json_type(unpacked(j))"
    " when 'ARRAY' then from_json(unpacked(j), '[\"json\"]') end",
    # The content of a message is a text, or parts of which some are text.
    "create or replace temp macro content_text(j) as case json_type(j) when 'ARRAY' then"
    " array_to_string(list_transform(from_json(j, '[\"json\"]'), lambda part:"
    " case json_type(part) when 'VARCHAR' then plain(part)"
    " else json_extract_string(part, '$.text') end),"
    " chr(10)) else plain(j) end",
    "create or replace temp macro speaker(t) as case when lower(t) in ('human', 'prompter')"
    " then 'user' when lower(t) in ('gpt', 'chatgpt', 'bot', 'model') then 'assistant'"
    " else lower(t) end",
    "create or replace temp macro message(j) as {"
    "'role': speaker(coalesce(json_extract_string(j, '$.role'),"
    " json_extract_string(j, '$.from'))), 'content': coalesce("
    "content_text(json_extract(j, '$.content')), content_text(json_extract(j, '$.value')),"
    " plain(json_extract(j, '$.tool_calls')))}",
    "create or replace temp macro entries(j) as case json_type(j)"
    " when 'ARRAY' then from_json(j, '[\"json\"]') when 'OBJECT' then [j] end",
    "create or replace temp macro messages(j) as"
    " list_transform(entries(unpacked(j)), lambda each: message(each))",
    "create or replace temp macro told(list) as case len(list) when 0 then null"
    " when 1 then list[1].content else cast(to_json(list) as varchar) end",
    # What was asked: one question as its text, a longer conversation as messages.
    "create or replace temp macro prompted(list) as case when len(list) = 1"
    " and coalesce(list[1].role, 'user') = 'user' then list[1].content"
    " when len(list) > 0 then cast(to_json(list) as varchar) end",
    "create or replace temp macro spoken_length(list) as cast(list_sum(list_transform(list,"
    " lambda each: case each.role when 'assistant' then length(each.content) end)) as varchar)",
    # Epochs come in seconds, milli-, micro- and nanoseconds; anything else is left as it stands.
    "create or replace temp macro epoch_micros(n) as try_cast(round(case when abs(n) < 1e11"
    " then n * 1e6 when abs(n) < 1e14 then n * 1e3 when abs(n) < 1e17 then n"
    " when abs(n) < 1e20 then n / 1e3 end) as bigint)",
    "create or replace temp macro moment(t) as coalesce(strftime("
    "make_timestamp(epoch_micros(number(t))), '%Y-%m-%dT%H:%M:%S.%fZ'), t)",
)


def prepare_conversations(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give a cursor the macros of conversations; those of canonical text must be there."""
    for macro in MACROS:
        cursor.execute(macro)
