-- The journal as its second schema was made: a program must go on with it. Never change this.

CREATE TABLE meta (
    "key" VARCHAR(40) NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY ("key")
);

CREATE TABLE decisions (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    ts_min BIGINT NOT NULL,
    reason TEXT NOT NULL,
    flags TEXT NOT NULL,
    events TEXT NOT NULL,
    setup TEXT,
    side TEXT,
    entry DOUBLE,
    stop DOUBLE,
    tp1 DOUBLE,
    tp2 DOUBLE,
    quantity DOUBLE,
    action TEXT NOT NULL,
    why TEXT,
    targets TEXT,
    regime TEXT,
    pattern TEXT,
    node DOUBLE,
    print_price DOUBLE,
    score DOUBLE,
    confidence DOUBLE,
    tier TEXT,
    PRIMARY KEY (id),
    CONSTRAINT decisions_once UNIQUE (session, seq)
);

CREATE INDEX decisions_time ON decisions (strategy_id, ts_init);

CREATE TABLE trade_events (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    kind TEXT NOT NULL,
    setup TEXT,
    side TEXT,
    reason TEXT,
    quantity DOUBLE,
    price DOUBLE,
    gross DOUBLE,
    fees DOUBLE,
    funding DOUBLE,
    net DOUBLE,
    trade_id BIGINT,
    PRIMARY KEY (id),
    CONSTRAINT trade_events_once UNIQUE (session, seq)
);

CREATE INDEX trade_events_time ON trade_events (strategy_id, ts_init);

CREATE TABLE statuses (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    halted BOOLEAN NOT NULL,
    killed BOOLEAN NOT NULL,
    quantity DOUBLE NOT NULL,
    entry DOUBLE,
    stop DOUBLE,
    day_pnl DOUBLE NOT NULL,
    open_risk DOUBLE NOT NULL,
    heat DOUBLE,
    cooling BOOLEAN NOT NULL,
    trades TEXT,
    PRIMARY KEY (id),
    CONSTRAINT statuses_once UNIQUE (session, seq)
);

CREATE INDEX statuses_time ON statuses (strategy_id, ts_init);

CREATE TABLE funding (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    rate DOUBLE NOT NULL,
    price DOUBLE NOT NULL,
    quantity DOUBLE NOT NULL,
    paid DOUBLE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT funding_once UNIQUE (session, seq)
);

CREATE INDEX funding_time ON funding (strategy_id, ts_init);

CREATE TABLE alerts (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    value DOUBLE,
    PRIMARY KEY (id),
    CONSTRAINT alerts_once UNIQUE (session, seq)
);

CREATE INDEX alerts_time ON alerts (strategy_id, ts_init);

CREATE TABLE snapshots (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT snapshots_once UNIQUE (session, seq)
);

CREATE INDEX snapshots_time ON snapshots (strategy_id, ts_init);

CREATE TABLE order_events (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    client_order_id TEXT NOT NULL,
    venue_order_id TEXT,
    event TEXT NOT NULL,
    side TEXT,
    type TEXT,
    quantity TEXT,
    price TEXT,
    trigger_price TEXT,
    reduce_only BOOLEAN,
    tags TEXT,
    reason TEXT,
    reconciled BOOLEAN,
    strategy_trade_id BIGINT,
    data TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT order_events_once UNIQUE (session, seq)
);

CREATE INDEX order_events_time ON order_events (strategy_id, ts_init);

CREATE TABLE fills (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    client_order_id TEXT NOT NULL,
    venue_order_id TEXT,
    trade_id TEXT NOT NULL,
    position_id TEXT,
    side TEXT NOT NULL,
    role TEXT,
    quantity TEXT NOT NULL,
    price TEXT NOT NULL,
    fee TEXT,
    currency TEXT,
    liquidity TEXT,
    reference DOUBLE,
    slippage DOUBLE,
    reconciled BOOLEAN,
    strategy_trade_id BIGINT,
    scope VARCHAR(80) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT fill_once UNIQUE (trader_id, mode, scope, client_order_id, trade_id),
    CONSTRAINT fills_once UNIQUE (session, seq)
);

CREATE INDEX fills_time ON fills (strategy_id, ts_init);

CREATE TABLE positions (
    id INTEGER NOT NULL,
    session VARCHAR(80) NOT NULL,
    seq BIGINT NOT NULL,
    trader_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_id TEXT,
    instrument_id TEXT,
    ts_event BIGINT NOT NULL,
    ts_init BIGINT NOT NULL,
    position_id TEXT NOT NULL,
    event TEXT NOT NULL,
    side TEXT NOT NULL,
    quantity TEXT NOT NULL,
    average_open DOUBLE,
    average_close DOUBLE,
    realised TEXT,
    PRIMARY KEY (id),
    CONSTRAINT positions_once UNIQUE (session, seq)
);

CREATE INDEX positions_time ON positions (strategy_id, ts_init);

INSERT INTO meta (key, value) VALUES ('schema', '2');
