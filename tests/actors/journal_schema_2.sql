-- What the second schema has beside the first: a program must go on with it. Never change this.

ALTER TABLE decisions ADD COLUMN targets TEXT;
ALTER TABLE decisions ADD COLUMN regime TEXT;
ALTER TABLE decisions ADD COLUMN pattern TEXT;
ALTER TABLE decisions ADD COLUMN node DOUBLE;
ALTER TABLE decisions ADD COLUMN print_price DOUBLE;
ALTER TABLE decisions ADD COLUMN score DOUBLE;
ALTER TABLE decisions ADD COLUMN confidence DOUBLE;
ALTER TABLE decisions ADD COLUMN tier TEXT;
ALTER TABLE trade_events ADD COLUMN trade_id BIGINT;
ALTER TABLE statuses ADD COLUMN trades TEXT;
ALTER TABLE order_events ADD COLUMN strategy_trade_id BIGINT;
ALTER TABLE fills ADD COLUMN strategy_trade_id BIGINT;

UPDATE meta SET value = '2' WHERE key = 'schema';
