-- Schema 2. Never edit a numbered file once it was released: add the next.

-- When the last message was sent: the list is put in order without a look at
-- the messages, which lie all over the file.
ALTER TABLE conversations ADD COLUMN last_ms INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET last_ms = ifnull (
  (SELECT CASE WHEN sent_ms > 0 THEN sent_ms ELSE created_ms END FROM messages
   WHERE messages.id = last_message), 0);

-- When a message is withdrawn, what quotes it is looked for: 114 and 106.
CREATE INDEX messages_with_quote ON messages (conversation) WHERE content_type IN (106, 114);
