{#-
    Steps of a `with`, the last of them `imports`, rows of `fct_trade_month` by importer, a country or a bloc, and
    `secret_lines`: months in which customs keep trade secret that may be of the line, with each origin of which it
    may be, null where it may be of any.
    A bloc imports what its members do from outside it, in a pull in which each of them shows the month.
    `unasked_lines` has the lines that a pull did not ask for: of these it says nothing.
    Reads the steps `trades` (fct_trade_month) and `members` (bridge_bloc_member).
-#}
{% macro month_imports() -%}
unasked_lines as (

    {% for source in ['us_census', 'un_comtrade', 'eurostat_comext_months'] -%}
    select
        source_id,
        edition,
        hs6
    from {{ ref('stg_' ~ source ~ '__lines_not_asked') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

by_country as (

    select
        *,
        reference_year * 12 + reference_month as month_number,
        cast(round(value * 100) as bigint) as value_cents
    from trades
    where flow = 'import'

),

country_months as (

    select distinct
        source_id,
        edition,
        month_number,
        reporter_iso3
    from by_country

),

-- Who is in a bloc on the first day of a month.
members_by_month as (

    select
        months.month_number,
        members.bloc_id,
        members.country_iso3,
        count(*) over (partition by months.month_number, members.bloc_id) as member_count
    from (
        select distinct
            month_number,
            make_date(
                cast(floor((month_number - 1) / 12) as integer), (month_number - 1) % 12 + 1, 1
            ) as first_day
        from country_months
    ) as months
    inner join members
        on
            coalesce(members.valid_from, months.first_day) <= months.first_day
            and coalesce(members.valid_to, months.first_day) >= months.first_day
    inner join {{ ref('int_trade__parties') }} as parties
        on members.bloc_id = parties.party_id and parties.party_kind = 'bloc'

),

whole_blocs as (

    select
        country_months.source_id,
        country_months.edition,
        country_months.month_number,
        members_by_month.bloc_id
    from country_months
    inner join members_by_month
        on
            country_months.month_number = members_by_month.month_number
            and country_months.reporter_iso3 = members_by_month.country_iso3
    where members_by_month.member_count > 1
    group by
        country_months.source_id, country_months.edition, country_months.month_number,
        members_by_month.bloc_id, members_by_month.member_count
    having count(*) = members_by_month.member_count

),

secrets_published as (

    {{ secrets_published() }}

),

-- Visible digits that begin the code of a line may hide it; a partner known to be a member of a bloc may be each of its others.
secret_by_country as (

    select distinct
        secrets.source_id,
        secrets.edition,
        country_months.month_number,
        secrets.reporter_iso3,
        coalesce(secrets.partner_iso3, insiders.country_iso3) as partner_iso3,
        lines.hs6
    from secrets_published as secrets
    inner join country_months
        on
            secrets.source_id = country_months.source_id
            and secrets.edition = country_months.edition
            and secrets.reporter_iso3 = country_months.reporter_iso3
            and secrets.reference_year * 12 + secrets.reference_month
            = country_months.month_number
    inner join {{ ref('int_trade__lines') }} as lines
        on lines.hs6 like secrets.visible_digits || '%'
    left join members_by_month as insiders
        on
            secrets.partner_bloc_id = insiders.bloc_id
            and country_months.month_number = insiders.month_number
            and secrets.reporter_iso3 <> insiders.country_iso3

),

secret_lines as (

    select
        source_id,
        edition,
        month_number,
        reporter_iso3 as importer_id,
        hs6,
        partner_iso3
    from secret_by_country
    union
    select
        bought.source_id,
        bought.edition,
        bought.month_number,
        whole_blocs.bloc_id as importer_id,
        bought.hs6,
        bought.partner_iso3
    {{ bought_by_whole_blocs('secret_by_country') }}

),

by_bloc as (

    select
        bought.*,
        whole_blocs.bloc_id as importer_id
    {{ bought_by_whole_blocs('by_country') }}

),

imports as (

    select
        *,
        reporter_iso3 as importer_id
    from by_country
    union all by name
    select * from by_bloc

)
{%- endmacro %}

{#- Months of a country whose trade with a line its customs keep secret, of each source that says so. -#}
{% macro secrets_published() -%}
select * from {{ ref('stg_eurostat_comext_months__secret_trades') }}
    union all by name
    select * from {{ ref('stg_un_comtrade__secret_trades') }}
{%- endmacro %}

{#- Rows by country as rows of the blocs of whom all members are there, without what comes from inside. -#}
{% macro bought_by_whole_blocs(rows) -%}
from {{ rows }} as bought
    inner join whole_blocs
        on
            bought.source_id = whole_blocs.source_id
            and bought.edition = whole_blocs.edition
            and bought.month_number = whole_blocs.month_number
    inner join members_by_month as importers
        on
            whole_blocs.bloc_id = importers.bloc_id
            and whole_blocs.month_number = importers.month_number
            and bought.reporter_iso3 = importers.country_iso3
    left join members_by_month as origins
        on
            whole_blocs.bloc_id = origins.bloc_id
            and whole_blocs.month_number = origins.month_number
            and bought.partner_iso3 = origins.country_iso3
    where origins.country_iso3 is null
{%- endmacro %}

{#-
    Steps of a `with`, the last of them `months`: of each importer's month its newest pull and the one before.
    Reads the step `imports`.
-#}
{% macro newest_months() -%}
-- A pull is a bloc's newest only where it is that of every member: a later one may show some alone.
pulls as (

    select
        source_id,
        importer_id,
        currency,
        month_number,
        edition,
        released_on,
        bool_and(is_current_edition) as is_current_edition
    from imports
    group by source_id, importer_id, currency, month_number, edition, released_on

),

ranked_pulls as (

    select
        *,
        row_number() over (
            partition by source_id, importer_id, month_number
            order by {{ newest_first() }}
        ) as edition_rank
    from pulls

),

months as (

    select
        newest.source_id,
        newest.importer_id,
        newest.currency,
        newest.month_number,
        newest.edition,
        older.edition as previous_edition
    from ranked_pulls as newest
    left join ranked_pulls as older
        on
            {{ same_key('newest', 'older', ['source_id', 'importer_id', 'month_number']) }}
            and older.edition_rank = 2
    -- Of a bloc that the newest pull does not show whole there is no month.
    where newest.edition_rank = 1 and newest.is_current_edition

)
{%- endmacro %}
