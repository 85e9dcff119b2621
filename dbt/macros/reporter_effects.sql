{#-
    Steps of a `with`: from `discrepancies` (one row per flow and measure, with the year's `mean_discrepancy`) to
    `effects`, where every discrepancy is the mean, plus an effect of the line (and of what is measured), of the
    exporter and of the importer. The three are taken out one after the other, over again, three times; by then
    a further pass moves weights in the third digit. An effect of a country is drawn towards 0 as if it had
    `reconcile_prior_flows` discrepancies more, all of the mean: five flows are no record.
-#}
{% macro reporter_effects() -%}
{%- set prior = threshold('reconcile_prior_flows') -%}
{%- set taken = {
    'line': {'by': 'hs6, measure', 'prior': 0},
    'exporter': {'by': 'exporter_iso3', 'prior': prior},
    'importer': {'by': 'importer_iso3', 'prior': prior},
} -%}
{%- set steps = ['first_parts'] -%}
first_parts as (

    select
        *,
        0.0 as line_effect,
        0.0 as exporter_effect,
        0.0 as importer_effect
    from discrepancies

),
{% for number in range(1, 4) %}
{%- for part, how in taken.items() %}
{{ part }}_{{ number }} as (

    select
        reference_year,
        hs6,
        measure,
        exporter_iso3,
        importer_iso3,
        discrepancy,
        mean_discrepancy,
        {%- for other in taken if other != part %}
        {{ other }}_effect,
        {%- endfor %}
        round(
            sum(
                discrepancy - mean_discrepancy
                {%- for other in taken if other != part %} - {{ other }}_effect{% endfor %}
            ) over (partition by reference_year, {{ how.by }})
            / (
                count(*) over (partition by reference_year, {{ how.by }}) + {{ how.prior }}
            ),
            9
        ) as {{ part }}_effect
    from {{ steps[-1] }}

),
{% do steps.append(part ~ '_' ~ number) %}
{%- endfor %}
{%- endfor %}
effects as (select * from {{ steps[-1] }})
{%- endmacro %}
