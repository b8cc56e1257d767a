-- Which node brings outbox rows to the bus now: others leave them to it until its
-- turn is over.
CREATE TABLE relay_turn (
  id INTEGER PRIMARY KEY,
  holder TEXT NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;

INSERT INTO relay_turn (id, holder, until_ms) VALUES (1, '', 0);
