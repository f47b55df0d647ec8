/* tern-message-list.c: the messages of one conversation
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A window on the store's order. Going up, it never steps over a hole in the
 * coverage: what is below the hole is not shown until the hole was fetched.
 */

#include "config.h"

#include "tern-message-list.h"

#include "tern-message-reach.h"
#include "tern-model-private.h"
#include "tern-sync-worker.h"

/* lists.md section 3.6 */
#define PAGE_SIZE 64

struct _TernMessageList
{
  GObject            parent_instance;

  TernDb            *reader;          /* (borrowed) (nullable): NULL once detached */
  TernSyncWorker    *worker;          /* (owned) (nullable) */
  GCancellable      *cancellable;     /* (owned) (nullable): of the fetch under way */
  char              *conversation_id; /* (owned) */
  TernMessageWindow  window;
  gulong             changed_handler;
  gint64             lowest_seq;      /* what can be shown without fetching: from here … */
  gint64             highest_seq;     /* … to here */
  gint64             n_missing;
  gint64             fetched_below;   /* the fetch under way asks for what is below this */
  guint              n_wanted;        /* what load_older() was asked for, while fetching */
  gboolean           has_older;
  gboolean           has_newer;
  gboolean           is_loading;
  gboolean           is_updating;     /* signals are going out */
};

static void tern_message_list_list_model_init (GListModelInterface         *iface);
static void tern_message_list_source_init     (TernTimelineSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TernMessageList, tern_message_list, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, tern_message_list_list_model_init)
  G_IMPLEMENT_INTERFACE (TERN_TYPE_TIMELINE_SOURCE, tern_message_list_source_init))

typedef enum
{
  PROP_HAS_OLDER = 1,
  PROP_HAS_NEWER,
  PROP_IS_LOADING,
  PROP_N_MISSING,
} Property;

static void load_older (TernMessageList *self,
                        guint            n,
                        gboolean         may_fetch);

/* --- state --- */

static void
set_flag (TernMessageList *self,
          gboolean        *flag,
          gboolean         value,
          const char      *name)
{
  if (*flag == value)
    return;
  *flag = value;
  g_object_notify (G_OBJECT (self), name);
}

static TernMessage *
get_item (TernMessageList *self,
          guint            i)
{
  return g_ptr_array_index (self->window.items, i);
}

static gboolean
get_edge (TernMessageList *self,
          gboolean         is_first,
          TernMessageKey  *key)
{
  const TernMessageRecord *record;

  if (self->window.items->len == 0)
    return FALSE;
  record = tern_message_get_record (get_item (self,
                                              is_first ? 0 : self->window.items->len - 1));
  key->position = record->position;
  key->id = record->id;
  return TRUE;
}

static void
warn_read_failed (const GError *error)
{
  g_debug ("Messages could not be read: %s", error->message);
}

/* The row above the window, for the marks of the first item. */
static TernMessageRecord *
find_before (TernMessageList        *self,
             GPtrArray              *items,
             const TernMessageReach *reach)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  const TernMessageRecord *first;
  TernMessageKey key;

  if (items->len == 0)
    return NULL;
  first = tern_message_get_record (items->pdata[0]);
  key.position = first->position;
  key.id = first->id;
  rows = tern_store_list_before (self->reader, self->conversation_id, &key, 1, &error);
  if (rows == NULL)
    {
      warn_read_failed (error);
      return NULL;
    }
  tern_message_reach_cut (rows, reach);
  return rows->len > 0 ? g_ptr_array_steal_index (rows, 0) : NULL;
}

/* The items' own numbers and the coverage say how far up one may go. */
static gboolean
get_reach (TernMessageList  *self,
           gint64            lowest_seq,
           TernMessageReach *reach)
{
  g_autoptr (GError) error = NULL;

  if (tern_message_reach_read (reach, self->reader, self->conversation_id, lowest_seq, &error))
    return TRUE;
  warn_read_failed (error);
  return FALSE;
}

static void
set_n_missing (TernMessageList *self,
               gint64           n_missing)
{
  if (self->n_missing == n_missing)
    return;
  self->n_missing = n_missing;
  g_object_notify (G_OBJECT (self), "n-missing");
}

/* Makes @next the items and works out whether there is more above them. */
static void
set_items (TernMessageList *self,
           GPtrArray       *next, /* (transfer full) */
           GPtrArray       *touched)
{
  g_autoptr (TernMessageRecord) before = NULL;
  gboolean has_older = FALSE;
  gint64 n_missing = 0;
  TernMessageReach reach;

  if (get_reach (self, tern_message_lowest_seq (next), &reach))
    {
      before = find_before (self, next, &reach);
      has_older = before != NULL || reach.has_hole;
      self->lowest_seq = reach.floor_seq;
      self->highest_seq = reach.max_seq;
      if (before == NULL && reach.has_hole)
        n_missing = reach.floor_seq - reach.min_seq;
    }
  tern_message_window_set (&self->window, next, touched, before);
  set_flag (self, &self->has_older, has_older, "has-older");
  set_n_missing (self, n_missing);
}

/* --- fetching --- */

static void
fetch_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (TernMessageList) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_ok;
  TernMessageReach reach;

  is_ok = tern_sync_worker_finish (TERN_SYNC_WORKER (object), result, &error);
  if (self->reader == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  /* Ask on only when this got something done: the hole may be empty, but it
   * must not be asked for in a loop. */
  if (is_ok && get_reach (self, tern_message_lowest_seq (self->window.items), &reach))
    {
      self->is_updating = TRUE;
      load_older (self, self->n_wanted, reach.floor_seq < self->fetched_below);
      self->is_updating = FALSE;
    }
  if (self->cancellable == NULL)
    set_flag (self, &self->is_loading, FALSE, "is-loading");
  if (error != NULL)
    g_debug ("Older messages could not be fetched: %s", error->message);
}

static void
fetch_below (TernMessageList *self,
             gint64           seq,
             guint            n)
{
  if (self->worker == NULL || self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  self->fetched_below = seq;
  self->n_wanted = n;
  set_flag (self, &self->is_loading, TRUE, "is-loading");
  tern_sync_worker_fetch_before_async (self->worker, self->conversation_id, seq, n,
                                       self->cancellable, fetch_cb, g_object_ref (self));
}

static void
stop_fetching (TernMessageList *self)
{
  if (self->cancellable == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  set_flag (self, &self->is_loading, FALSE, "is-loading");
}

/* --- loading --- */

static void
load_older (TernMessageList *self,
            guint            n,
            gboolean         may_fetch)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) touched = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *next;
  TernMessageKey key;
  gboolean has_key;
  TernMessageReach reach;

  if (!get_reach (self, tern_message_lowest_seq (self->window.items), &reach))
    return;
  has_key = get_edge (self, TRUE, &key);
  rows = tern_store_list_before (self->reader, self->conversation_id, has_key ? &key : NULL, n,
                                 &error);
  if (rows == NULL)
    {
      warn_read_failed (error);
      return;
    }
  tern_message_reach_cut (rows, &reach);
  if (rows->len == 0)
    {
      set_flag (self, &self->has_older, reach.has_hole, "has-older");
      if (reach.has_hole && may_fetch)
        fetch_below (self, reach.floor_seq, n);
      return;
    }

  next = tern_message_window_copy (&self->window);
  tern_message_window_take_rows (&self->window, next, rows, touched);
  tern_messages_sort (next);
  if (tern_messages_trim (next, FALSE))
    set_flag (self, &self->has_newer, TRUE, "has-newer");
  set_items (self, next, touched);
}

static void
load_latest (TernMessageList *self,
             guint            n)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) touched = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *next;
  TernMessageReach reach;

  stop_fetching (self);
  rows = tern_store_list_before (self->reader, self->conversation_id, NULL, n, &error);
  if (rows == NULL)
    {
      warn_read_failed (error);
      return;
    }
  if (get_reach (self, tern_message_reach_highest (rows), &reach))
    tern_message_reach_cut (rows, &reach);
  next = g_ptr_array_new_with_free_func (g_object_unref);
  tern_message_window_take_rows (&self->window, next, rows, touched);
  set_flag (self, &self->has_newer, FALSE, "has-newer");
  set_items (self, next, touched);
  if (self->window.items->len < n && self->has_older)
    load_older (self, n - self->window.items->len, TRUE);
}

static void
load_newer (TernMessageList *self,
            guint            n)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) touched = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *next;
  TernMessageKey key;
  gboolean has_more;

  if (!get_edge (self, FALSE, &key))
    {
      load_latest (self, n);
      return;
    }
  rows = tern_store_list_after (self->reader, self->conversation_id, &key, n + 1, &error);
  if (rows == NULL)
    {
      warn_read_failed (error);
      return;
    }
  has_more = rows->len > n;
  if (has_more)
    g_ptr_array_set_size (rows, (int) n);
  next = tern_message_window_copy (&self->window);
  tern_message_window_take_rows (&self->window, next, rows, touched);
  tern_messages_sort (next);
  tern_messages_trim (next, TRUE);
  set_flag (self, &self->has_newer, has_more, "has-newer");
  set_items (self, next, touched);
}

/* What stands at @key, or comes next after it, and what is around that. */
static gboolean
load_at (TernMessageList      *self,
         const TernMessageKey *key,
         gint64                seq,
         guint                 n)
{
  g_autoptr (GPtrArray) older = NULL;
  g_autoptr (GPtrArray) newer = NULL;
  g_autoptr (GPtrArray) touched = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  guint n_side = MAX (n / 2, 1);
  gboolean has_more;
  GPtrArray *next;
  TernMessageReach reach;

  older = tern_store_list_before (self->reader, self->conversation_id, key, n_side, &error);
  if (older != NULL)
    newer = tern_store_list_after (self->reader, self->conversation_id, key, n_side + 2, &error);
  if (newer == NULL)
    {
      warn_read_failed (error);
      return FALSE;
    }
  if (!get_reach (self, seq, &reach))
    return FALSE;
  tern_message_reach_cut (older, &reach);
  if (older->len == 0 && newer->len == 0)
    return FALSE;

  stop_fetching (self);
  has_more = newer->len > n_side + 1;
  if (has_more)
    g_ptr_array_set_size (newer, (int) n_side + 1);
  next = g_ptr_array_new_with_free_func (g_object_unref);
  tern_message_window_take_rows (&self->window, next, older, touched);
  tern_message_window_take_rows (&self->window, next, newer, touched);
  set_flag (self, &self->has_newer, has_more, "has-newer");
  set_items (self, next, touched);
  return TRUE;
}

static gboolean
load_around (TernMessageList *self,
             gint64           seq,
             guint            n)
{
  g_autoptr (TernMessageRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  TernMessageKey key;

  record = tern_store_find_by_seq (self->reader, self->conversation_id, seq, &error);
  if (record == NULL)
    return FALSE;
  /* The key itself is the last before it. */
  key.position = record->position;
  key.id = record->id - 1;
  return load_at (self, &key, seq, n);
}

/* --- following the store --- */

/* Whether a row belongs into the window whose edges were @first and @last
 * before this change. */
static gboolean
is_inside (TernMessageList      *self,
           TernMessage          *message,
           const TernMessageKey *first,
           const TernMessageKey *last)
{
  const TernMessageRecord *record = tern_message_get_record (message);

  if (self->has_older
      && (record->position < first->position
          || (record->position == first->position && record->id < first->id)))
    return FALSE;
  return !self->has_newer
         || record->position < last->position
         || (record->position == last->position && record->id <= last->id);
}

static void
reread_rows (TernMessageList *self,
             GPtrArray       *next,
             GPtrArray       *touched,
             GArray          *ids)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  rows = tern_store_list_by_ids (self->reader, (const gint64 *) (void *) ids->data, ids->len,
                                 &error);
  if (rows == NULL)
    {
      warn_read_failed (error);
      return;
    }
  tern_message_window_take_rows (&self->window, next, rows, touched);
}

static void
apply_change (TernMessageList              *self,
              const TernConversationChange *change,
              GPtrArray                    *touched)
{
  GPtrArray *next;
  TernMessageKey first = { 0, 0 };
  TernMessageKey last = { 0, 0 };

  if (!get_edge (self, TRUE, &first) || !get_edge (self, FALSE, &last))
    {
      load_latest (self, PAGE_SIZE);
      return;
    }
  next = tern_message_window_copy (&self->window);
  tern_message_window_remove_rows (&self->window, next, change->removed);
  reread_rows (self, next, touched, change->updated);
  reread_rows (self, next, touched, change->added);
  tern_messages_sort (next);
  for (guint i = next->len; i > 0; i--)
    {
      if (!is_inside (self, next->pdata[i - 1], &first, &last))
        g_ptr_array_remove_index (next, i - 1);
    }
  tern_messages_trim (next, TRUE);
  set_items (self, next, touched);

  if (self->window.items->len == 0 && (self->has_older || self->has_newer))
    load_latest (self, PAGE_SIZE);
  else if (self->window.items->len < PAGE_SIZE && self->has_older && self->cancellable == NULL)
    load_older (self, PAGE_SIZE - self->window.items->len, FALSE);
}

static void
changed_cb (TernSyncWorker  *worker,
            TernChanges     *changes,
            TernMessageList *self)
{
  const TernConversationChange *change = tern_changes_find (changes, self->conversation_id);
  g_autoptr (GPtrArray) touched = g_ptr_array_new ();

  if (self->reader == NULL)
    return;
  if (tern_changes_has_people (changes))
    {
      tern_names_forget (self->window.names);
      for (guint i = 0; i < self->window.items->len; i++)
        {
          if (tern_message_update_sender (get_item (self, i), self->window.names))
            g_ptr_array_add (touched, get_item (self, i));
        }
    }
  self->is_updating = TRUE;
  if (change != NULL)
    apply_change (self, change, touched);
  else if (touched->len > 0)
    set_items (self, tern_message_window_copy (&self->window), touched);
  self->is_updating = FALSE;
}

/* --- vfuncs --- */

static GType
tern_message_list_get_item_type (GListModel *model)
{
  return TERN_TYPE_MESSAGE;
}

static guint
tern_message_list_get_n_items (GListModel *model)
{
  return TERN_MESSAGE_LIST (model)->window.items->len;
}

static gpointer
tern_message_list_get_item (GListModel *model,
                            guint       position)
{
  TernMessageList *self = TERN_MESSAGE_LIST (model);

  if (position >= self->window.items->len)
    return NULL;
  return g_object_ref (get_item (self, position));
}

static void
tern_message_list_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = tern_message_list_get_item_type;
  iface->get_n_items = tern_message_list_get_n_items;
  iface->get_item = tern_message_list_get_item;
}

/* A handler of items-changed may ask for more; the list cannot give it while
 * it is in the middle of telling. */
static gboolean
can_load (TernMessageList *self)
{
  return self->reader != NULL && !self->is_updating;
}

static guint
page_size (guint n)
{
  return n == 0 ? PAGE_SIZE : MIN (n, TERN_MAX_LOADED);
}

static void
tern_message_list_load_latest (TernTimelineSource *source,
                               guint               n)
{
  TernMessageList *self = TERN_MESSAGE_LIST (source);

  if (!can_load (self))
    return;
  self->is_updating = TRUE;
  load_latest (self, page_size (n));
  self->is_updating = FALSE;
}

static void
tern_message_list_load_older (TernTimelineSource *source,
                              guint               n)
{
  TernMessageList *self = TERN_MESSAGE_LIST (source);

  if (!can_load (self) || self->is_loading || !self->has_older)
    return;
  self->is_updating = TRUE;
  load_older (self, page_size (n), TRUE);
  self->is_updating = FALSE;
}

static void
tern_message_list_load_newer (TernTimelineSource *source,
                              guint               n)
{
  TernMessageList *self = TERN_MESSAGE_LIST (source);

  if (!can_load (self) || !self->has_newer)
    return;
  self->is_updating = TRUE;
  load_newer (self, page_size (n));
  self->is_updating = FALSE;
}

static gboolean
tern_message_list_load_around (TernTimelineSource *source,
                               gint64              seq,
                               guint               n)
{
  TernMessageList *self = TERN_MESSAGE_LIST (source);
  gboolean is_here = FALSE;

  if (!can_load (self))
    return FALSE;
  for (guint i = 0; i < self->window.items->len && !is_here; i++)
    is_here = tern_message_get_seq (get_item (self, i)) == seq;
  if (is_here)
    return TRUE;
  self->is_updating = TRUE;
  is_here = load_around (self, seq, page_size (n));
  self->is_updating = FALSE;
  return is_here;
}

static gboolean
tern_message_list_load_near (TernTimelineSource *source,
                             gint64              seq,
                             guint               n)
{
  TernMessageList *self = TERN_MESSAGE_LIST (source);
  TernMessageKey key = { tern_message_reach_position (seq), -1 };
  gboolean is_done;

  if (!can_load (self))
    return FALSE;
  self->is_updating = TRUE;
  is_done = load_at (self, &key, seq, page_size (n));
  self->is_updating = FALSE;
  return is_done;
}

static void
tern_message_list_get_span (TernTimelineSource *source,
                            gint64             *lowest,
                            gint64             *highest)
{
  TernMessageList *self = TERN_MESSAGE_LIST (source);

  *lowest = self->lowest_seq;
  *highest = MAX (self->highest_seq, self->lowest_seq);
}

static void
tern_message_list_source_init (TernTimelineSourceInterface *iface)
{
  iface->load_latest = tern_message_list_load_latest;
  iface->load_older = tern_message_list_load_older;
  iface->load_newer = tern_message_list_load_newer;
  iface->load_around = tern_message_list_load_around;
  iface->load_near = tern_message_list_load_near;
  iface->get_span = tern_message_list_get_span;
}

static void
tern_message_list_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  TernMessageList *self = TERN_MESSAGE_LIST (object);

  switch ((Property) prop_id)
    {
    case PROP_HAS_OLDER:
      g_value_set_boolean (value, self->has_older);
      break;
    case PROP_HAS_NEWER:
      g_value_set_boolean (value, self->has_newer);
      break;
    case PROP_IS_LOADING:
      g_value_set_boolean (value, self->is_loading);
      break;
    case PROP_N_MISSING:
      g_value_set_int64 (value, self->n_missing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
tern_message_list_dispose (GObject *object)
{
  tern_message_list_detach (TERN_MESSAGE_LIST (object));

  G_OBJECT_CLASS (tern_message_list_parent_class)->dispose (object);
}

static void
tern_message_list_finalize (GObject *object)
{
  TernMessageList *self = TERN_MESSAGE_LIST (object);

  tern_message_window_clear (&self->window);
  g_free (self->conversation_id);

  G_OBJECT_CLASS (tern_message_list_parent_class)->finalize (object);
}

static void
tern_message_list_class_init (TernMessageListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tern_message_list_get_property;
  object_class->dispose = tern_message_list_dispose;
  object_class->finalize = tern_message_list_finalize;

  g_object_class_override_property (object_class, PROP_HAS_OLDER, "has-older");
  g_object_class_override_property (object_class, PROP_HAS_NEWER, "has-newer");
  g_object_class_override_property (object_class, PROP_IS_LOADING, "is-loading");
  g_object_class_override_property (object_class, PROP_N_MISSING, "n-missing");
}

static void
tern_message_list_init (TernMessageList *self)
{
}

/**
 * tern_message_list_new:
 * @reader: a TernDb of this thread; borrowed until detach
 * @worker: (nullable): a TernSyncWorker; %NULL: the list stays as it is read
 * @self_id: one's own user ID
 *
 * Makes an empty list: the first tern_timeline_source_load_latest() or
 * tern_timeline_source_load_around() fills it.
 *
 * Returns: (transfer full): the list
 */
TernMessageList *
tern_message_list_new (gpointer    reader,
                       gpointer    worker,
                       const char *self_id,
                       const char *conversation_id)
{
  TernMessageList *self;

  g_return_val_if_fail (reader != NULL, NULL);
  g_return_val_if_fail (self_id != NULL && conversation_id != NULL, NULL);

  self = g_object_new (TERN_TYPE_MESSAGE_LIST, NULL);
  self->reader = reader;
  self->conversation_id = g_strdup (conversation_id);
  tern_message_window_init (&self->window, G_LIST_MODEL (self), reader, self_id);
  if (worker != NULL)
    {
      self->worker = g_object_ref (worker);
      self->changed_handler = g_signal_connect (worker, "changed", G_CALLBACK (changed_cb), self);
    }
  return self;
}

/**
 * tern_message_list_detach:
 *
 * Lets go of the reader and the worker. The items stay.
 */
void
tern_message_list_detach (TernMessageList *self)
{
  g_return_if_fail (TERN_IS_MESSAGE_LIST (self));

  stop_fetching (self);
  if (self->worker != NULL)
    g_clear_signal_handler (&self->changed_handler, self->worker);
  g_clear_object (&self->worker);
  self->reader = NULL;
  if (self->window.names != NULL)
    tern_names_detach (self->window.names);
}

/**
 * tern_message_list_get_newest_seq:
 *
 * Returns: the highest seq that is loaded; 0: none
 */
gint64
tern_message_list_get_newest_seq (TernMessageList *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE_LIST (self), 0);

  for (guint i = self->window.items->len; i > 0; i--)
    {
      gint64 seq = tern_message_get_seq (get_item (self, i - 1));

      if (seq > 0)
        return seq;
    }
  return 0;
}
