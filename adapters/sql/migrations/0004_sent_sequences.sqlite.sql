-- Where the bus put a message: whether its stream still has it can be seen.
ALTER TABLE outbox ADD COLUMN sent_sequence INTEGER NOT NULL DEFAULT 0;

CREATE INDEX outbox_sent_sequence ON outbox (sent_sequence) WHERE sent_sequence > 0;
