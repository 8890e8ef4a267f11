-- The ledger: what there is, where it lies, what was decided. No record is kept here.
-- Times are UTC without zone. JSON is kept as text. Landed migrations never change.

create table catalogue.meta (
    schema_version integer not null,
    data_version bigint not null,
    created_by varchar not null,
    created_at timestamp not null
);

-- One row a batch. `state` is JSON of what the live parts hold together: digest, counts, questions,
-- roles, dimensions. It is written with each part, so that a listing reads no records.
create table catalogue.batch (
    batch_key varchar primary key,
    batch_id varchar not null unique,
    dataset varchar,
    kind varchar not null,
    vendor varchar,
    attempt integer,
    supersedes varchar,
    guideline_version varchar,
    example_version varchar,
    template_version varchar,
    standard varchar,
    standard_sha256 varchar,
    overlap_design varchar,
    opened_at timestamp,
    submitted_at timestamp,
    released_at timestamp,
    planned_items bigint,
    owner varchar,
    created_at timestamp not null,
    state varchar
);

-- One row an import. A replaced part keeps its row and its files, and has `retired_at`.
-- `source_files` is JSON [{name, sha256, bytes}], `tables` JSON {table: {rows, sha256, digest, filled}}.
-- `location` is the folder inside the store, or the address of a part that lies elsewhere.
create table catalogue.part (
    part_key varchar primary key,
    batch_id varchar not null,
    sequence integer not null,
    source_files varchar not null,
    tables varchar not null,
    rows bigint not null,
    digest varchar not null,
    location varchar not null,
    imported_at timestamp not null,
    format varchar,
    mapping_sha256 varchar,
    retired_at timestamp,
    facts varchar not null
);

-- One row a statistic file. `path` is null where the statistic has no rows.
create table catalogue.statistic (
    batch_id varchar not null,
    name varchar not null,
    inputs_digest varchar not null,
    path varchar,
    rows bigint not null,
    sha256 varchar,
    primary key (batch_id, name, inputs_digest)
);

-- The only place with names. Emptying person_id and salt forgets a person and changes no number.
create table catalogue.person (
    person_key varchar primary key,
    person_id varchar unique,
    salt varchar,
    first_seen timestamp not null
);

create table catalogue.import_report (
    part_key varchar primary key,
    report varchar not null
);

-- Standards by content, so that an old verdict can be computed after its file has changed.
create table catalogue.standard (
    sha256 varchar primary key,
    content varchar not null
);

-- What a second program makes of the same statistics: the difference to our own value, null where
-- either is undefined or the second cannot hold the data.
create table catalogue.cross_check (
    batch_digest varchar not null,
    question varchar not null,
    program varchar not null,
    difference double,
    primary key (batch_digest, question)
);

create table catalogue.sampling_plan (
    plan_id varchar primary key,
    batch_id varchar not null,
    population varchar not null,
    strata varchar,
    items bigint not null,
    acceptance_numbers varchar,
    looks integer,
    seed varchar not null,
    batch_digest varchar not null,
    created_by varchar,
    created_at timestamp not null
);

create table catalogue.sampling_draw (
    plan_id varchar not null,
    item_id varchar not null,
    stratum varchar,
    look integer,
    inclusion_probability double not null,
    result varchar,
    recorded_by varchar,
    recorded_at timestamp,
    primary key (plan_id, item_id)
);

-- Append only: a decision is superseded by a later one, never changed.
create table catalogue.decision (
    decision_id varchar primary key,
    batch_id varchar not null,
    scope varchar not null,
    verdict_shown varchar not null,
    decided varchar not null,
    decided_by varchar not null,
    identity_verified boolean not null,
    role varchar,
    decided_at timestamp not null,
    note varchar,
    conditions varchar,
    dissent varchar,
    waivers varchar,
    standard_sha256 varchar not null,
    batch_digest varchar not null,
    software_version varchar not null,
    evidence varchar not null,
    evidence_sha256 varchar not null,
    previous_sha256 varchar,
    sha256 varchar not null unique
);

create table catalogue.waiver (
    waiver_id varchar primary key,
    decision_id varchar,
    batch_id varchar not null,
    criterion_id varchar not null,
    reason varchar not null,
    granted_by varchar not null,
    granted_at timestamp not null,
    valid_until date
);
