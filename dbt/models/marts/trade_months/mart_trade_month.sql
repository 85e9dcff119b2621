{#-
    Imports by month from current pulls, of countries and of blocs. A month that was pulled and has no row of an origin is a month without
    imports from it, but where customs keep secret what may be trade of the line from there: nobody knows then, and no share
    of the line is known. A month that was not pulled, or not for the line, is unknown, and so is every sum over it. A month in which the
    line's code was not in force and shows nothing is no zero either: what it holds stood under another code.
    A line that nobody bought in any month held has one row that says so.
    Sums are of whole hundredths and grams, so that no order of rows decides a digit.
-#}
with

trades as (select * from {{ ref('fct_trade_month') }}),
members as (select * from {{ ref('bridge_bloc_member') }}),

{{ month_imports() }},

measured_imports as (

    select
        *,
        cast(round(value_usd * 100) as bigint) as usd_cents,
        cast(round(quantity_tonnes_gross * 1000000) as bigint) as mass_g
    from imports

),

{{ newest_months() }},

sales as (

    select
        source_id,
        edition,
        importer_id,
        hs6,
        partner_iso3,
        month_number,
        sum(value_cents) as value_cents,
        sum(usd_cents) as usd_cents,
        coalesce(sum(mass_g), 0) as mass_g,
        coalesce(sum(case when mass_g is not null then value_cents end), 0) as weighed_cents,
        coalesce(sum(case when is_quantity_estimated then mass_g end), 0) as estimated_g
    from measured_imports
    group by source_id, edition, importer_id, hs6, partner_iso3, month_number

),

origins as (

    select distinct
        source_id,
        importer_id,
        hs6,
        partner_iso3
    from sales

),

-- Whether any trade of the line may be hidden, and whether it may be of whatever origin.
secrets as (

    select
        source_id,
        edition,
        importer_id,
        month_number,
        hs6,
        bool_or(partner_iso3 is null) as is_of_any_origin
    from secret_lines
    group by source_id, edition, importer_id, month_number, hs6

),

all_months as (

    select
        months.*,
        origins.hs6,
        origins.partner_iso3,
        coalesce(sales.value_cents, 0) as value_cents,
        case when sales.value_cents is null then 0 else sales.usd_cents end as usd_cents,
        coalesce(sales.mass_g, 0) as mass_g,
        coalesce(sales.weighed_cents, 0) as weighed_cents,
        coalesce(sales.estimated_g, 0) as estimated_g,
        case
            when revised.value_cents is not null then revised.value_cents
            when revised_line.is_of_any_origin or revised_origin.hs6 is not null then null
            when revised_unasked.hs6 is not null then null
            when months.previous_edition is not null then 0
        end as value_cents_before_revision,
        cast(secret_line.hs6 is not null as integer) as is_line_secret,
        cast(
            sales.value_cents is null
            and (coalesce(secret_line.is_of_any_origin, false) or secret_origin.hs6 is not null)
            as integer
        ) as is_secret
    from months
    inner join origins
        on {{ same_key('months', 'origins', ['source_id', 'importer_id']) }}
    left join sales
        on
            months.source_id = sales.source_id
            and months.edition = sales.edition
            and months.importer_id = sales.importer_id
            and months.month_number = sales.month_number
            and origins.hs6 = sales.hs6
            and origins.partner_iso3 = sales.partner_iso3
    left join sales as revised
        on
            months.source_id = revised.source_id
            and months.previous_edition = revised.edition
            and months.importer_id = revised.importer_id
            and months.month_number = revised.month_number
            and origins.hs6 = revised.hs6
            and origins.partner_iso3 = revised.partner_iso3
    {%- for edition, name in [('edition', 'secret'), ('previous_edition', 'revised')] %}
    left join unasked_lines as {{ name }}_unasked
        on
            months.source_id = {{ name }}_unasked.source_id
            and months.{{ edition }} = {{ name }}_unasked.edition
            and origins.hs6 = {{ name }}_unasked.hs6
    left join secrets as {{ name }}_line
        on
            months.source_id = {{ name }}_line.source_id
            and months.{{ edition }} = {{ name }}_line.edition
            and months.importer_id = {{ name }}_line.importer_id
            and months.month_number = {{ name }}_line.month_number
            and origins.hs6 = {{ name }}_line.hs6
    left join secret_lines as {{ name }}_origin
        on
            months.source_id = {{ name }}_origin.source_id
            and months.{{ edition }} = {{ name }}_origin.edition
            and months.importer_id = {{ name }}_origin.importer_id
            and months.month_number = {{ name }}_origin.month_number
            and origins.hs6 = {{ name }}_origin.hs6
            and origins.partner_iso3 = {{ name }}_origin.partner_iso3
    {%- endfor %}
    -- Of a line that the pull did not ask for there is no month.
    where secret_unasked.hs6 is null

),

codes as (select * from {{ ref('int_trade__lines') }}),

with_line_totals as (

    select
        all_months.*,
        sum(all_months.value_cents) over (
            partition by
                all_months.source_id, all_months.importer_id, all_months.hs6,
                all_months.month_number
        ) as line_cents,
        cast(floor((all_months.month_number - 1) / 12) as integer)
        not between codes.in_force_from_year and coalesce(codes.in_force_to_year, 9999)
            as is_outside_revision
    from all_months
    inner join codes on all_months.hs6 = codes.hs6

),

-- Customs that took a revision over later still use the old code: what they show counts.
with_revision_gap as (

    select
        *,
        cast(is_outside_revision and line_cents = 0 as integer) as is_not_in_force
    from with_line_totals

),

twelve_month_sums as (

    select
        *,
        count(*) over (
            partition by source_id, importer_id, hs6, partner_iso3
            order by month_number
            range between 11 preceding and current row
        ) as held_month_count,
        {%- for column in [
            'value_cents', 'mass_g', 'weighed_cents', 'line_cents', 'is_not_in_force', 'is_secret',
            'is_line_secret', 'estimated_g',
        ] %}
        sum({{ column }}) over (
            partition by source_id, importer_id, hs6, partner_iso3
            order by month_number
            range between 11 preceding and current row
        ) as trailing_{{ column }},
        {%- endfor %}
        {%- for column in ['is_not_in_force', 'is_secret'] %}
        sum({{ column }}) over (
            partition by source_id, importer_id, hs6, partner_iso3
            order by month_number
            range between 12 preceding and 12 preceding
        ) as {{ column }}_year_before,
        {%- endfor %}
        sum(value_cents) over (
            partition by source_id, importer_id, hs6, partner_iso3
            order by month_number
            range between 12 preceding and 12 preceding
        ) as value_cents_year_before
    from with_revision_gap

),

lines as (

    select
        hs6,
        max(mineral_ids) as mineral_ids,
        bool_or(is_mixed_line) as is_mixed_line
    from imports
    group by hs6

),

with_shares as (

    select
        twelve_month_sums.*,
        lines.mineral_ids,
        lines.is_mixed_line,
        case
            when twelve_month_sums.is_not_in_force = 1 then 'line_not_in_force'
            when twelve_month_sums.is_secret = 1 then 'trade_kept_secret'
        end as null_reason,
        case
            when twelve_month_sums.is_not_in_force = 1 then 'line_not_in_force'
            when twelve_month_sums.is_line_secret = 1 then 'trade_kept_secret'
            when twelve_month_sums.line_cents = 0 then 'nothing_imported'
        end as share_null_reason,
        case
            when twelve_month_sums.is_not_in_force = 1 then 'line_not_in_force'
            when twelve_month_sums.held_month_count < 12 then 'months_missing'
            when twelve_month_sums.trailing_is_not_in_force > 0 then 'line_not_in_force'
            when twelve_month_sums.trailing_is_secret > 0 then 'trade_kept_secret'
        end as trailing_null_reason,
        case
            when twelve_month_sums.is_not_in_force = 1 then 'line_not_in_force'
            when twelve_month_sums.is_secret = 1 then 'trade_kept_secret'
            when twelve_month_sums.value_cents_year_before is null then 'month_missing'
            when twelve_month_sums.is_not_in_force_year_before = 1 then 'line_not_in_force'
            when twelve_month_sums.is_secret_year_before = 1 then 'trade_kept_secret'
            when twelve_month_sums.value_cents_year_before = 0 then 'nothing_a_year_before'
        end as change_null_reason
    from twelve_month_sums
    inner join lines on twelve_month_sums.hs6 = lines.hs6
    -- Who sold nothing in twelve months has no row, but where a revision took all of it away, or
    -- where that is a fall from a year before.
    where
        twelve_month_sums.trailing_value_cents > 0
        or twelve_month_sums.value_cents_year_before > 0
        or twelve_month_sums.value_cents_before_revision > 0

),

answered_rows as (

    select
        source_id,
        edition,
        importer_id,
        hs6,
        mineral_ids,
        is_mixed_line,
        partner_iso3 as origin_id,
        cast(floor((month_number - 1) / 12) as integer) as reference_year,
        (month_number - 1) % 12 + 1 as reference_month,
        currency,
        case when null_reason is null then value_cents / 100 end as value,
        case when null_reason is null then usd_cents / 100 end as value_usd,
        case
            when
                null_reason is null
                and weighed_cents >= {{ threshold('quantity_coverage_minimum') }} * value_cents
                then mass_g / 1000000
        end as quantity_tonnes_gross,
        case when share_null_reason is null then value_cents / line_cents end as value_share,
        12 - held_month_count as missing_month_count,
        trailing_estimated_g > 0 as is_quantity_estimated,
        case when trailing_null_reason is null then trailing_value_cents / 100 end
            as value_twelve_months,
        case
            when
                trailing_null_reason is null
                and trailing_weighed_cents
                >= {{ threshold('quantity_coverage_minimum') }} * trailing_value_cents
                then trailing_mass_g / 1000000
        end as quantity_tonnes_gross_twelve_months,
        case
            when trailing_null_reason is null and trailing_is_line_secret = 0
                then {{ nine_digits('trailing_value_cents / trailing_line_cents') }}
        end as value_share_twelve_months,
        case
            when
                null_reason is null
                and is_not_in_force_year_before = 0
                and is_secret_year_before = 0
                then value_cents_year_before / 100
        end as value_year_before,
        case when change_null_reason is null then value_cents / value_cents_year_before - 1 end
            as change_share,
        previous_edition,
        case when null_reason is null then value_cents_before_revision / 100 end
            as value_before_revision,
        case
            when null_reason is null then value_cents / nullif(value_cents_before_revision, 0) - 1
        end as revision_share,
        null_reason,
        share_null_reason,
        trailing_null_reason,
        coalesce(
            trailing_null_reason,
            case
                when trailing_is_line_secret > 0 then 'trade_kept_secret'
                when trailing_line_cents = 0 then 'nothing_imported'
            end
        ) as trailing_share_null_reason,
        change_null_reason
    from with_shares

),

our_lines as (

    select distinct hs6 from {{ ref('stg_reference__hs_lines') }}

),

asked_months as (

    select
        months.*,
        our_lines.hs6
    from months
    cross join our_lines
    left join unasked_lines
        on
            months.source_id = unasked_lines.source_id
            and months.edition = unasked_lines.edition
            and our_lines.hs6 = unasked_lines.hs6
    where unasked_lines.hs6 is null

),

-- Why a line of which nobody has a row has none.
unanswered_rows as (

    select
        our_lines.hs6,
        case
            when max(asked_months.month_number) is null then 'no_month_is_held'
            when bool_or(secret_lines.hs6 is not null) then 'trade_kept_secret'
            when
                bool_and(
                    floor((asked_months.month_number - 1) / 12)
                    not between codes.in_force_from_year and coalesce(codes.in_force_to_year, 9999)
                )
                then 'line_not_in_force'
            else 'nothing_imported'
        end as null_reason
    from our_lines
    left join codes on our_lines.hs6 = codes.hs6
    left join asked_months on our_lines.hs6 = asked_months.hs6
    left join secret_lines
        on
            {{ same_key(
                'asked_months',
                'secret_lines',
                ['source_id', 'edition', 'importer_id', 'month_number']
            ) }}
            and our_lines.hs6 = secret_lines.hs6
    left join answered_rows on our_lines.hs6 = answered_rows.hs6
    where answered_rows.hs6 is null
    group by our_lines.hs6

),

final as (

    select * from answered_rows
    union all by name
    -- A line without a row of an importer is one row that says why.
    select
        hs6,
        null_reason,
        null_reason as share_null_reason,
        null_reason as trailing_null_reason,
        null_reason as trailing_share_null_reason,
        null_reason as change_null_reason
    from unanswered_rows

)

{{ contract_columns() }}
order by source_id, importer_id, hs6, origin_id, reference_year, reference_month
