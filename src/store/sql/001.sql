-- Schema 1. Never edit a numbered file once it was released: add the next.

-- A conversation has a small integer key so that rows and indexes stay small.
CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  conversation_id TEXT NOT NULL UNIQUE,
  is_notification INTEGER NOT NULL DEFAULT 0,
  chat_type INTEGER NOT NULL DEFAULT 0,
  user_id TEXT NOT NULL DEFAULT '',
  group_id TEXT NOT NULL DEFAULT '',
  peer_name TEXT NOT NULL DEFAULT '',      -- as the peer's messages say; only
  peer_face_url TEXT NOT NULL DEFAULT '',  -- used while the user is unknown
  recv_opt INTEGER NOT NULL DEFAULT 0,
  at_type INTEGER NOT NULL DEFAULT 0,
  burn_s INTEGER NOT NULL DEFAULT 0,
  is_pinned INTEGER NOT NULL DEFAULT 0,
  is_private INTEGER NOT NULL DEFAULT 0,
  is_destruct INTEGER NOT NULL DEFAULT 0,
  destruct_s INTEGER NOT NULL DEFAULT 0,
  latest_destruct_ms INTEGER NOT NULL DEFAULT 0,
  attached_info TEXT NOT NULL DEFAULT '',
  ex TEXT NOT NULL DEFAULT '',
  record_min_seq INTEGER NOT NULL DEFAULT 0,
  cap_seq INTEGER NOT NULL DEFAULT 0,
  max_seq INTEGER NOT NULL DEFAULT 0,
  read_seq INTEGER NOT NULL DEFAULT 0,
  min_seq INTEGER NOT NULL DEFAULT 0,
  peer_read_seq INTEGER NOT NULL DEFAULT 0,
  pending_read_seq INTEGER NOT NULL DEFAULT 0,
  draft TEXT NOT NULL DEFAULT '',
  draft_ms INTEGER NOT NULL DEFAULT 0,
  hidden_position INTEGER NOT NULL DEFAULT 0, -- shown again by what comes after
  last_position INTEGER NOT NULL DEFAULT 0,
  last_message INTEGER NOT NULL DEFAULT 0     -- messages.id, 0: none
);

-- client_id and server_id are 16 bytes when they are 32 hexadecimal digits.
-- status: 1 sending, 2 sent or received, 3 failed.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  position INTEGER NOT NULL,
  seq INTEGER,
  sender_id TEXT NOT NULL,
  client_id NOT NULL,
  server_id,
  status INTEGER NOT NULL,
  is_read INTEGER NOT NULL,
  content_type INTEGER NOT NULL,
  chat_type INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  options_off INTEGER NOT NULL,
  options_on INTEGER NOT NULL,
  sender_platform INTEGER NOT NULL,
  msg_from INTEGER NOT NULL,
  recv_id TEXT,
  group_id TEXT,
  sender_name TEXT,
  sender_face_url TEXT,
  attached_info TEXT,
  ex TEXT,
  error TEXT,
  at_user_ids BLOB,
  offline_push BLOB,
  content BLOB,
  UNIQUE (conversation, sender_id, client_id)
);
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation, seq) WHERE seq IS NOT NULL;
CREATE INDEX messages_by_position ON messages (conversation, position);
CREATE INDEX messages_without_seq ON messages (conversation) WHERE seq IS NULL;

-- Which seqs of a conversation the server was asked about, both ends included.
CREATE TABLE ranges (
  conversation INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (conversation, first)
) WITHOUT ROWID;

CREATE TABLE users (
  user_id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  face_url TEXT NOT NULL,
  remark TEXT NOT NULL,
  ex TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  level INTEGER NOT NULL,
  recv_opt INTEGER NOT NULL,
  is_friend INTEGER NOT NULL,
  is_pinned INTEGER NOT NULL
) WITHOUT ROWID;

-- A group that was left stays, for its name.
CREATE TABLE groups (
  group_id TEXT PRIMARY KEY NOT NULL,
  is_joined INTEGER NOT NULL,
  name TEXT NOT NULL,
  face_url TEXT NOT NULL,
  announcement TEXT NOT NULL,
  introduction TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  creator_id TEXT NOT NULL,
  ex TEXT NOT NULL,
  announcer_id TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  announced_ms INTEGER NOT NULL,
  n_members INTEGER NOT NULL,
  status INTEGER NOT NULL,
  group_type INTEGER NOT NULL,
  need_verification INTEGER NOT NULL,
  look_member_info INTEGER NOT NULL,
  apply_member_friend INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE members (
  group_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  face_url TEXT NOT NULL,
  operator_id TEXT NOT NULL,
  inviter_id TEXT NOT NULL,
  ex TEXT NOT NULL,
  joined_ms INTEGER NOT NULL,
  mute_end_ms INTEGER NOT NULL,
  role INTEGER NOT NULL,
  join_source INTEGER NOT NULL,
  PRIMARY KEY (group_id, user_id)
) WITHOUT ROWID;

-- dataset: 0 conversations, 1 friends, 2 groups, 3 members of entity, 4 self.
CREATE TABLE versions (
  dataset INTEGER NOT NULL,
  entity TEXT NOT NULL,
  version_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (dataset, entity)
) WITHOUT ROWID;

CREATE TABLE settings (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;
