{#-
    Exporter's and importer's declaration of one flow beside each other. The importer's is brought from CIF to FOB
    where both declared: by the line's own rate of the year, the median of importer's over exporter's value
    among flows whose two values lie within `reconcile_agreeing_ratio` of each other and above
    `reconcile_rate_minimum_usd`. Such flows are the same cargo, and what is left between them is freight and
    insurance: 15% on coal, 2% on platinum. The rate stays within 0 and `reconcile_rate_maximum`; a line with
    fewer than `reconcile_rate_minimum_flows` of them takes that of all lines. Values declared FOB stay.
    Only lines and years of which both sides were asked.
-#}
with

chosen as (

    select * from {{ ref('int_trade__declarations') }}

),

asked as (

    select
        hs6,
        reference_year
    from chosen
    group by hs6, reference_year
    having count(distinct flow) = 2

),

declared as (

    select chosen.*
    from chosen
    inner join asked on chosen.hs6 = asked.hs6 and chosen.reference_year = asked.reference_year

),

exports as (

    select * from declared
    where flow = 'export'

),

imports as (

    select * from declared
    where flow = 'import'

),

paired as (

    select
        coalesce(exports.reporter_iso3, imports.partner_iso3) as exporter_iso3,
        coalesce(exports.partner_iso3, imports.reporter_iso3) as importer_iso3,
        coalesce(exports.hs6, imports.hs6) as hs6,
        coalesce(exports.reference_year, imports.reference_year) as reference_year,
        exports.value_usd as exporter_value_usd,
        imports.value_usd as importer_value_usd,
        exports.quantity_tonnes_gross as exporter_quantity_tonnes,
        imports.quantity_tonnes_gross as importer_quantity_tonnes,
        imports.value_basis as importer_value_basis
    from exports
    full outer join imports
        on
            exports.reporter_iso3 = imports.partner_iso3
            and exports.partner_iso3 = imports.reporter_iso3
            and exports.hs6 = imports.hs6
            and exports.reference_year = imports.reference_year

),

agreeing as (

    select
        *,
        importer_value_usd / exporter_value_usd as value_ratio
    from paired
    where
        -- least() passes over nulls: a flow of one side would agree with itself.
        exporter_value_usd is not null
        and importer_value_basis = 'cif'
        and least(exporter_value_usd, importer_value_usd)
        >= {{ threshold('reconcile_rate_minimum_usd') }}
        and greatest(exporter_value_usd, importer_value_usd)
        < {{ threshold('reconcile_agreeing_ratio') }}
        * least(exporter_value_usd, importer_value_usd)

),

line_rates as (

    select
        hs6,
        reference_year,
        median(value_ratio) - 1 as cif_rate
    from agreeing
    group by hs6, reference_year
    having count(*) >= {{ threshold('reconcile_rate_minimum_flows') }}

),

year_rates as (

    select
        reference_year,
        median(value_ratio) - 1 as cif_rate
    from agreeing
    group by reference_year

),

rated as (

    select
        paired.*,
        case
            when paired.importer_value_basis = 'fob' then 0
            when
                paired.importer_value_usd is not null and paired.exporter_value_usd is not null
                then
                    least(
                        greatest(coalesce(line_rates.cif_rate, year_rates.cif_rate, 0), 0),
                        {{ threshold('reconcile_rate_maximum') }}
                    )
        end as cif_rate
    from paired
    left join line_rates
        on paired.hs6 = line_rates.hs6 and paired.reference_year = line_rates.reference_year
    left join year_rates on paired.reference_year = year_rates.reference_year

)

select
    exporter_iso3,
    importer_iso3,
    hs6,
    reference_year,
    exporter_value_usd,
    importer_value_usd,
    exporter_quantity_tonnes,
    importer_quantity_tonnes,
    importer_value_basis,
    cif_rate,
    importer_value_usd / (1 + coalesce(cif_rate, 0)) as importer_value_fob_usd,
    case
        when importer_value_usd is null then 'exporter'
        when exporter_value_usd is null then 'importer'
        else 'both'
    end as source_side
from rated
