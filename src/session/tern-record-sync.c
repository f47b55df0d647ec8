/* tern-record-sync.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-record-sync.h"

#include <string.h>

#include "tern-backoff.h"
#include "tern-clock.h"
#include "tern-error.h"
#include "tern-store.h"

/* Members of so many groups per round; the others when somebody looks. */
#define MAX_GROUPS 200

/* Counted. */
typedef struct
{
  TernDataset  dataset;
  char        *entity;
  guint64      epoch; /* not 0: tell when it is done */
} Job;

struct _TernRecordSync
{
  GObject         parent_instance;

  TernApi        *api;
  TernDb         *reader; /* (borrowed) (nullable) */
  TernSyncWorker *worker;
  char           *user_id;
  GQueue          jobs;
  GQueue          missed;   /* (element-type Job): could not be had, soon again */
  TernBackoff     backoff;
  guint           retry_id;
  gboolean        wants_members; /* of all groups, once these are here */
  Job            *current;  /* (owned) (nullable) */
  GCancellable   *cancellable;
};

G_DEFINE_FINAL_TYPE (TernRecordSync, tern_record_sync, G_TYPE_OBJECT)

enum
{
  SIGNAL_CONVERSATIONS_READY,
  SIGNAL_TOKEN_REFUSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void run_next (TernRecordSync *self); /* each job starts the next when it is done */

/* What an answer is for. It may come when the job is no longer the current
 * one: a new line has begun anew. */
typedef struct
{
  TernRecordSync *self;
  Job            *job;
} Step;

static void
job_clear (gpointer data)
{
  g_free (((Job *) data)->entity);
}

static void
job_free (gpointer job)
{
  g_rc_box_release_full (job, job_clear);
}

static Step *
step_new (TernRecordSync *self)
{
  Step *step = g_new0 (Step, 1);

  step->self = g_object_ref (self);
  step->job = g_rc_box_acquire (self->current);

  return step;
}

static void
step_free (Step *step)
{
  job_free (step->job);
  g_object_unref (step->self);
  g_free (step);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static void
add_job (TernRecordSync *self,
         TernDataset     dataset,
         const char     *entity,
         guint64         epoch)
{
  Job *job;

  for (GList *at = self->jobs.head; at != NULL; at = at->next)
    {
      job = at->data;
      if (job->dataset == dataset && strcmp (job->entity, entity) == 0)
        {
          job->epoch = MAX (job->epoch, epoch);
          return;
        }
    }

  job = g_rc_box_new0 (Job);
  job->dataset = dataset;
  job->entity = g_strdup (entity);
  job->epoch = epoch;
  g_queue_push_tail (&self->jobs, job);
}

static void
drop_jobs (TernRecordSync *self)
{
  g_queue_clear_full (&self->jobs, job_free);
  g_queue_clear_full (&self->missed, job_free);
  g_clear_handle_id (&self->retry_id, g_source_remove);
}

static void
drop_current (TernRecordSync *self)
{
  g_autoptr(GCancellable) cancellable = g_steal_pointer (&self->cancellable);

  self->cancellable = g_cancellable_new ();
  g_clear_pointer (&self->current, job_free);
  g_cancellable_cancel (cancellable);
}

static void
add_member_jobs (TernRecordSync *self)
{
  g_autoptr(GPtrArray) groups = NULL;

  if (self->reader == NULL)
    return;

  groups = tern_store_list_groups (self->reader, NULL);
  for (guint i = 0; groups != NULL && i < groups->len && i < MAX_GROUPS; i++)
    add_job (self, TERN_DATASET_MEMBERS, ((TernGroupRecord *) groups->pdata[i])->id, 0);
}

/* One that is new here has members. */
static void
add_changed_groups (TernRecordSync *self,
                    GPtrArray      *updates)
{
  for (guint i = 0; i < updates->len; i++)
    {
      const TernRecordUpdate *update = updates->pdata[i];

      if (update->dataset != TERN_DATASET_GROUPS)
        continue;
      for (guint k = 0; k < update->rows->len && k < MAX_GROUPS; k++)
        add_job (self, TERN_DATASET_MEMBERS, ((TernGroupRecord *) update->rows->pdata[k])->id, 0);
    }
}

static gboolean
retry_cb (gpointer user_data)
{
  TernRecordSync *self = user_data;
  Job *job;

  self->retry_id = 0;
  while ((job = g_queue_pop_head (&self->missed)) != NULL)
    {
      add_job (self, job->dataset, job->entity, 0);
      job_free (job);
    }
  run_next (self);

  return G_SOURCE_REMOVE;
}

/* What changed up there must not wait for the next connect. */
static void
retry_later (TernRecordSync *self,
             Job            *job, /* (transfer full) */
             const GError   *error)
{
  g_queue_push_tail (&self->missed, job);
  /* Without a line the rest would fail likewise, one time-out each. */
  while (g_error_matches (error, TERN_ERROR, TERN_ERROR_OFFLINE) ||
         g_error_matches (error, TERN_ERROR, TERN_ERROR_TIMEOUT))
    {
      job = g_queue_pop_head (&self->jobs);
      if (job == NULL)
        break;
      g_queue_push_tail (&self->missed, job);
    }
  if (self->retry_id == 0)
    self->retry_id = g_timeout_add (tern_clock_scale_ms (tern_backoff_next_ms (&self->backoff)),
                                    retry_cb, self);
}

/* @error: (nullable): why the current job failed */
static void
finish_job (TernRecordSync *self,
            const GError   *error)
{
  G_GNUC_UNUSED g_autoptr(TernRecordSync) alive = g_object_ref (self);
  Job *job = g_steal_pointer (&self->current);

  if (error != NULL)
    g_debug ("Records of kind %d were not fetched: %s", (int) job->dataset, error->message);
  if (job->epoch != 0)
    g_signal_emit (self, signals[SIGNAL_CONVERSATIONS_READY], 0, job->epoch);
  if (error == NULL && job->dataset == TERN_DATASET_GROUPS && self->wants_members)
    {
      self->wants_members = FALSE;
      add_member_jobs (self);
    }
  if (error != NULL && tern_error_get_retry (error) != TERN_RETRY_NEVER)
    retry_later (self, job, error);
  else
    job_free (job);

  if (tern_error_ends_session (error))
    {
      drop_jobs (self);
      g_signal_emit (self, signals[SIGNAL_TOKEN_REFUSED], 0, error);
      return;
    }
  if (error == NULL)
    tern_backoff_reset (&self->backoff);
  run_next (self);
}

static void
applied_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Step) step = user_data;
  g_autoptr(GError) error = NULL;

  tern_sync_worker_finish (TERN_SYNC_WORKER (object), result, &error);
  if (step->job == step->self->current)
    finish_job (step->self, error);
}

static void
fetched_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Step) step = user_data;
  TernRecordSync *self = step->self;
  g_autoptr(GPtrArray) updates = NULL;
  g_autoptr(GError) error = NULL;

  updates = tern_api_sync_finish (TERN_API (object), result, &error);
  if (step->job != self->current)
    return;
  if (updates == NULL || updates->len == 0)
    {
      finish_job (self, error);
      return;
    }

  add_changed_groups (self, updates);
  tern_sync_worker_apply_async (self->worker, g_steal_pointer (&updates), self->cancellable,
                                applied_cb, step_new (self));
}

static void
run_next (TernRecordSync *self)
{
  g_autofree char *version_id = NULL;
  guint64 version = 0;

  if (self->current != NULL || self->reader == NULL)
    return;
  self->current = g_queue_pop_head (&self->jobs);
  if (self->current == NULL)
    return;

  /* Without a known version all of it is fetched: right, only slower. */
  tern_store_get_version (self->reader, self->current->dataset, self->current->entity,
                          &version_id, &version, NULL);
  tern_api_sync_async (self->api, self->current->dataset, self->user_id, self->current->entity,
                       version_id, version, self->cancellable, fetched_cb, step_new (self));
}

static void
tern_record_sync_dispose (GObject *object)
{
  tern_record_sync_stop (TERN_RECORD_SYNC (object));

  G_OBJECT_CLASS (tern_record_sync_parent_class)->dispose (object);
}

static void
tern_record_sync_finalize (GObject *object)
{
  TernRecordSync *self = TERN_RECORD_SYNC (object);

  g_clear_object (&self->api);
  g_clear_object (&self->worker);
  g_clear_object (&self->cancellable);
  g_free (self->user_id);

  G_OBJECT_CLASS (tern_record_sync_parent_class)->finalize (object);
}

static void
tern_record_sync_class_init (TernRecordSyncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tern_record_sync_dispose;
  object_class->finalize = tern_record_sync_finalize;

  signals[SIGNAL_CONVERSATIONS_READY] =
    g_signal_new ("conversations-ready", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  signals[SIGNAL_TOKEN_REFUSED] =
    g_signal_new ("token-refused", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
tern_record_sync_init (TernRecordSync *self)
{
  g_queue_init (&self->jobs);
  g_queue_init (&self->missed);
  self->cancellable = g_cancellable_new ();
}

/**
 * tern_record_sync_new:
 * @api: the IM API
 * @reader: a handle of the main thread, borrowed until stop
 * @worker: who writes
 * @user_id: who is signed in
 *
 * Returns: (transfer full): an idle record sync
 */
TernRecordSync *
tern_record_sync_new (TernApi        *api,
                      TernDb         *reader,
                      TernSyncWorker *worker,
                      const char     *user_id)
{
  TernRecordSync *self = g_object_new (TERN_TYPE_RECORD_SYNC, NULL);

  self->api = g_object_ref (api);
  self->reader = reader;
  self->worker = g_object_ref (worker);
  self->user_id = g_strdup (user_id);

  return self;
}

/**
 * tern_record_sync_begin:
 * @self: a record sync
 * @epoch: the connection that it is for
 *
 * Brings everything up to date, conversations first: the plan waits for them.
 */
void
tern_record_sync_begin (TernRecordSync *self,
                        guint64         epoch)
{
  g_return_if_fail (TERN_IS_RECORD_SYNC (self));

  drop_jobs (self);
  drop_current (self);
  tern_backoff_reset (&self->backoff);
  add_job (self, TERN_DATASET_CONVERSATIONS, "", epoch);
  add_job (self, TERN_DATASET_SELF, "", 0);
  add_job (self, TERN_DATASET_FRIENDS, "", 0);
  add_job (self, TERN_DATASET_GROUPS, "", 0);
  self->wants_members = TRUE;
  run_next (self);
}

/**
 * tern_record_sync_want:
 * @self: a record sync
 * @datasets: bits 1 << TernDataset
 * @group_id: the group whose members are meant; "": all groups'
 *
 * Brings some of it up to date: the name of a group, too, comes with its members
 * only (protocol 02 section 6.6).
 */
void
tern_record_sync_want (TernRecordSync *self,
                       guint           datasets,
                       const char     *group_id)
{
  static const TernDataset simple[] = {
    TERN_DATASET_CONVERSATIONS, TERN_DATASET_SELF, TERN_DATASET_FRIENDS, TERN_DATASET_GROUPS,
  };

  g_return_if_fail (TERN_IS_RECORD_SYNC (self));

  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    {
      if ((datasets & (1u << simple[i])) != 0)
        add_job (self, simple[i], "", 0);
    }
  if ((datasets & (1u << TERN_DATASET_MEMBERS)) != 0)
    {
      if (*group_id != '\0')
        add_job (self, TERN_DATASET_MEMBERS, group_id, 0);
      else
        self->wants_members = TRUE; /* behind the groups */
    }
  run_next (self);
}

/**
 * tern_record_sync_stop:
 * @self: a record sync
 *
 * Drops what is under way; nothing is emitted any more.
 */
void
tern_record_sync_stop (TernRecordSync *self)
{
  g_return_if_fail (TERN_IS_RECORD_SYNC (self));

  self->reader = NULL;
  drop_jobs (self);
  drop_current (self);
}
