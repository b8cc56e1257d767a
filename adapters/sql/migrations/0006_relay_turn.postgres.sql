-- Which node brings outbox rows to the bus now: others leave them to it until its
-- turn is over.
CREATE TABLE relay_turn (
  id bigint PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  until_ms bigint NOT NULL
);

INSERT INTO relay_turn (id, holder, until_ms) VALUES (1, '', 0);
