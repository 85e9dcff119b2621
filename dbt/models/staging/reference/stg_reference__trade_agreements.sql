select * from {{ lake('reference', 'trade_agreement') }}
