-- attribute_combinations: how many items have which values of all attributes together.
--
-- Items are the ordinary ones, answered or not; golden and trap items are left out. An item without
-- an attribute has the stratum '' there, so that no item is lost. All kept attributes are taken where
-- that gives 100,000 combinations or fewer; else the attributes with fewest values, as long as the
-- product of their numbers of values stays below that.
--
-- Grain: one row per combination and attribute, by both. Items have no role: every population has all.
-- Additive over batches in items and accepted, by all strata of a combination together.
-- Columns:
--   question varchar: always empty, items are not asked one
--   population varchar: the population that was asked for
--   combination_id varchar: names the combination inside one batch
--   dimension varchar: the attribute
--   stratum varchar: its value, '' where the items do not have it
--   items bigint: items with this combination
--   accepted bigint: of these, items that ship, with something to ship
with strata as (
    select
        dimension,
        stratum,
    from scope_attribute
    group by dimension, stratum
),
sizes as (
    select
        dimension,
        count(*) as size,
    from strata
    group by dimension
),
places as (
    select
        dimension,
        size,
        row_number() over (order by size, dimension) as place,
        sum(ln(size + 1)) over (order by size, dimension) as room,
    from sizes
),
numbers as (
    select
        dimension,
        stratum,
        row_number() over (partition by dimension order by stratum) as number,
    from strata
),
weights as (
    select
        numbers.dimension,
        numbers.stratum,
        places.place,
        places.room,
        -- Eight bits for each of at most twelve attributes, which have at most 200 values each.
        case places.place
            when 1 then numbers.number
            when 2 then numbers.number * 256
            when 3 then numbers.number * 65536
            when 4 then numbers.number * 16777216
            when 5 then numbers.number * 4294967296
            when 6 then numbers.number * 1099511627776
            else 0
        end as weight_1,
        case places.place
            when 7 then numbers.number
            when 8 then numbers.number * 256
            when 9 then numbers.number * 65536
            when 10 then numbers.number * 16777216
            when 11 then numbers.number * 4294967296
            when 12 then numbers.number * 1099511627776
            else 0
        end as weight_2,
    from numbers
    inner join places
        on numbers.dimension = places.dimension
),
described_items as (
    select
        scope_attribute.item_id,
        cast(sum(weights.weight_1) as bigint) as code_1,
        cast(sum(weights.weight_2) as bigint) as code_2,
    from scope_attribute
    inner join weights
        on scope_attribute.dimension = weights.dimension
        and scope_attribute.stratum = weights.stratum
    group by scope_attribute.item_id
),
ordinary_items as (
    select
        scope_member.item_id,
        coalesce(described_items.code_1, 0) as code_1,
        coalesce(described_items.code_2, 0) as code_2,
        case when accepted_item.item_id is null then 0 else 1 end as is_accepted,
    from scope_member
    left join described_items
        on scope_member.item_id = described_items.item_id
    left join accepted_item
        on scope_member.item_id = accepted_item.item_id
    where scope_member.item_id not in (select planted_item.item_id from planted_item)
),
all_combinations as (
    select
        code_1,
        code_2,
        count(*) as items,
        sum(is_accepted) as accepted,
        min(item_id) as example_id,
    from ordinary_items
    group by code_1, code_2
),
sized as (
    select count(*) as combinations
    from all_combinations
),
kept_weights as (
    select
        weights.dimension,
        weights.stratum,
        weights.weight_1,
        weights.weight_2,
    from weights
    cross join sized
    where sized.combinations <= 100000 or weights.room <= ln(100000)
),
kept_codes as (
    select
        all_combinations.example_id,
        sum(kept_weights.weight_1) as code_1,
        sum(kept_weights.weight_2) as code_2,
    from all_combinations
    inner join scope_attribute
        on all_combinations.example_id = scope_attribute.item_id
    inner join kept_weights
        on scope_attribute.dimension = kept_weights.dimension
        and scope_attribute.stratum = kept_weights.stratum
    group by all_combinations.example_id
),
combinations as (
    select
        coalesce(kept_codes.code_1, 0) as code_1,
        coalesce(kept_codes.code_2, 0) as code_2,
        sum(all_combinations.items) as items,
        sum(all_combinations.accepted) as accepted,
        min(all_combinations.example_id) as example_id,
    from all_combinations
    left join kept_codes
        on all_combinations.example_id = kept_codes.example_id
    group by coalesce(kept_codes.code_1, 0), coalesce(kept_codes.code_2, 0)
),
kept_dimensions as (
    select dimension
    from kept_weights
    group by dimension
),
cells as (
    select
        combinations.code_1,
        combinations.code_2,
        combinations.items,
        combinations.accepted,
        combinations.example_id,
        kept_dimensions.dimension,
    from combinations
    cross join kept_dimensions
)
select
    '' as question,
    scope_population.population,
    cast(cells.code_1 as varchar) || '-' || cast(cells.code_2 as varchar) as combination_id,
    cells.dimension,
    coalesce(scope_attribute.stratum, '') as stratum,
    cast(cells.items as bigint) as items,
    cast(cells.accepted as bigint) as accepted,
from cells
cross join scope_population
left join scope_attribute
    on cells.example_id = scope_attribute.item_id
    and cells.dimension = scope_attribute.dimension
order by population, combination_id, dimension
