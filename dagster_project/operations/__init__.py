"""Running it: one refresh at a time, dbt, alerts, failed runs, editions on trial."""
