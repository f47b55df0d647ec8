/* tern-api-sync.c: records by version (protocol 02 section 6)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-api.h"

#include "tern-api-json.h"
#include "tern-error.h"

#define PAGE_SIZE 300
#define MEMBER_PAGE_SIZE 100
/* Members beyond this are fetched when somebody looks (protocol 02 section
 * 6.5); the other lists have no end but this one, which only a hostile server
 * reaches. */
#define MAX_MEMBER_PAGES 10
#define MAX_PAGES 1000
/* So often a list is read from its start that changes meanwhile. */
#define MAX_PASSES 5
/* However many pages: the rows of all of them are held until the last. */
#define MAX_LIST_BYTES (64 * 1024 * 1024)

typedef struct
{
  TernDataset       dataset;
  char             *user_id;
  char             *entity;
  char             *version_id;
  guint64           version;
  guint             page;
  guint             n_passes; /* that were given up */
  gint64            total;    /* as the first page tells it */
  gsize             n_bytes; /* of the pages so far */
  TernRecordUpdate *update;
} Sync;

static void
sync_free (gpointer data)
{
  Sync *sync = data;

  g_free (sync->user_id);
  g_free (sync->entity);
  g_free (sync->version_id);
  g_clear_pointer (&sync->update, tern_record_update_free);
  g_free (sync);
}

static void
finish (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);
  GPtrArray *updates = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_record_update_free);

  if (sync->update != NULL)
    g_ptr_array_add (updates, g_steal_pointer (&sync->update));
  g_task_return_pointer (task, updates, (GDestroyNotify) g_ptr_array_unref);
}

/* The routes that list everything, by data set; the own profile has none. */
static const struct
{
  const char *route;
  const char *user_member; /* (nullable): where the asking user goes */
  const char *array_member;
} lists[] = {
  [TERN_DATASET_CONVERSATIONS] = { "/conversation/get_owner_conversation", "userID",
                                   "conversations" },
  [TERN_DATASET_FRIENDS] = { "/friend/get_friend_list", "userID", "friendsInfo" },
  [TERN_DATASET_GROUPS] = { "/group/get_joined_group_list", "fromUserID", "groups" },
  [TERN_DATASET_MEMBERS] = { "/group/get_group_member_list", NULL, "members" },
};

static void ask_page (GTask *task); /* asks for the next page until there is none */

/* Rows came or went between two pages, so that others moved from one page to
 * another: one that moved to a page that was read already would never be seen.
 */
static void
begin_again (GTask *task) /* (transfer full) */
{
  Sync *sync = g_task_get_task_data (task);

  if (++sync->n_passes >= MAX_PASSES)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_PROTOCOL,
                               "The list changes faster than it can be read");
      g_object_unref (task);
      return;
    }

  g_ptr_array_set_size (sync->update->rows, 0);
  sync->n_bytes = 0;
  sync->page = 0;
  ask_page (task);
}

static void
page_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  g_autoptr(JsonNode) data = NULL;
  GError *error = NULL;
  guint before = sync->update->rows->len;
  guint page_size = sync->dataset == TERN_DATASET_MEMBERS ? MEMBER_PAGE_SIZE : PAGE_SIZE;
  guint max_pages = sync->dataset == TERN_DATASET_MEMBERS ? MAX_MEMBER_PAGES : MAX_PAGES;
  gint64 total;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  sync->n_bytes += tern_api_call_get_size (TERN_API (object), result);
  if (sync->n_bytes > MAX_LIST_BYTES)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_TOO_LARGE,
                               "The list is larger than %d bytes", MAX_LIST_BYTES);
      return;
    }
  total = tern_api_parse_list (sync->update, data, lists[sync->dataset].array_member);
  if (sync->page == 1)
    sync->total = total;
  if (total != sync->total)
    {
      begin_again (g_steal_pointer (&task));
      return;
    }
  /* A page can be short although more follow (protocol 02 section 1.6). */
  if (sync->update->rows->len == before || sync->page >= max_pages ||
      (total >= 0 && (gint64) sync->page * page_size >= total))
    finish (task);
  else
    ask_page (g_steal_pointer (&task));
}

static void
ask_page (GTask *task) /* (transfer full) */
{
  TernApi *self = g_task_get_source_object (task);
  Sync *sync = g_task_get_task_data (task);
  JsonObject *body = json_object_new ();
  JsonObject *pagination = json_object_new ();

  json_object_set_int_member (pagination, "pageNumber", ++sync->page);
  json_object_set_int_member (pagination, "showNumber",
                              sync->dataset == TERN_DATASET_MEMBERS ? MEMBER_PAGE_SIZE
                                                                    : PAGE_SIZE);
  json_object_set_object_member (body, "pagination", pagination);
  if (lists[sync->dataset].user_member != NULL)
    json_object_set_string_member (body, lists[sync->dataset].user_member, sync->user_id);
  if (sync->dataset == TERN_DATASET_MEMBERS)
    {
      json_object_set_string_member (body, "groupID", sync->entity);
      json_object_set_int_member (body, "filter", 0);
    }
  tern_api_call_async (self, lists[sync->dataset].route, tern_json_take_object (body),
                       g_task_get_cancellable (task), page_cb, task);
}

static void
self_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  g_autoptr(JsonNode) data = NULL;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  sync->update = tern_record_update_new (TERN_DATASET_SELF, "");
  tern_api_parse_list (sync->update, data, "usersInfo");
  finish (task);
}

static void
incremental_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  g_autoptr(JsonNode) data = NULL;
  JsonNode *answer;
  gboolean is_full;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  answer = data;
  if (sync->dataset == TERN_DATASET_MEMBERS)
    {
      answer = tern_json_get_node (tern_json_get_node (data, "respList"), sync->entity);
      if (answer == NULL) /* dismissed: nothing to learn */
        {
          finish (task);
          return;
        }
    }

  sync->update = tern_api_parse_incremental (sync->dataset, sync->entity, answer, &is_full);
  if (!is_full)
    {
      finish (task);
      return;
    }

  /* The version of this answer is kept: what changes during the fetch comes
   * again next time (protocol 02 section 6.5). What only moves does not: see
   * begin_again(). */
  sync->update->replace = TRUE;
  ask_page (g_steal_pointer (&task));
}

static const char *
incremental_route (TernDataset dataset)
{
  switch (dataset)
    {
    case TERN_DATASET_CONVERSATIONS:
      return "/conversation/get_incremental_conversations";
    case TERN_DATASET_FRIENDS:
      return "/friend/get_incremental_friends";
    case TERN_DATASET_GROUPS:
      return "/group/get_incremental_join_groups";
    case TERN_DATASET_MEMBERS:
      return "/group/get_incremental_group_members_batch";
    case TERN_DATASET_SELF:
    default:
      g_return_val_if_reached ("");
    }
}

static JsonObject *
build_version (const Sync *sync)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "versionID", sync->version_id);
  json_object_set_int_member (object, "version", (gint64) sync->version);

  return object;
}

/**
 * tern_api_sync_async:
 * @self: the calls
 * @dataset: what to bring up to date
 * @user_id: the caller
 * @entity: the group of %TERN_DATASET_MEMBERS, else ""
 * @version_id: what was stored last, or ""
 * @version: likewise, or 0
 * @cancellable: (nullable): stops
 * @callback: called with what changed
 * @user_data: passed to @callback
 */
void
tern_api_sync_async (TernApi             *self,
                     TernDataset          dataset,
                     const char          *user_id,
                     const char          *entity,
                     const char          *version_id,
                     guint64              version,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Sync *sync = g_new0 (Sync, 1);
  JsonObject *body;

  g_task_set_source_tag (task, tern_api_sync_async);
  g_task_set_task_data (task, sync, sync_free);
  sync->dataset = dataset;
  sync->user_id = g_strdup (user_id);
  sync->entity = g_strdup (entity);
  sync->version_id = g_strdup (version_id != NULL ? version_id : "");
  sync->version = version;

  if (dataset == TERN_DATASET_SELF)
    {
      JsonArray *ids = json_array_new ();

      body = json_object_new ();
      json_array_add_string_element (ids, user_id);
      json_object_set_array_member (body, "userIDs", ids);
      tern_api_call_async (self, "/user/get_users_info", tern_json_take_object (body),
                           cancellable, self_cb, task);
      return;
    }

  if (dataset == TERN_DATASET_MEMBERS)
    {
      JsonArray *list = json_array_new ();
      JsonObject *item = build_version (sync);

      body = json_object_new ();
      json_object_set_string_member (item, "groupID", entity);
      json_array_add_object_element (list, item);
      json_object_set_array_member (body, "reqList", list);
    }
  else
    body = build_version (sync);
  json_object_set_string_member (body, "userID", user_id);
  tern_api_call_async (self, incremental_route (dataset), tern_json_take_object (body), cancellable,
                       incremental_cb, task);
}

/**
 * tern_api_sync_finish:
 * @self: the calls
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: as tern_api_call_finish().
 *
 * Returns: (transfer full) (nullable) (element-type TernRecordUpdate): what to
 *   apply, in order; empty when there is nothing
 */
GPtrArray *
tern_api_sync_finish (TernApi       *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
